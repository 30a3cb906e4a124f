// Brings paths of a worktree back to what they were. Never follows a link that somebody has put in a folder's place.
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TrackedFile } from './base.ts';
import type { Blobs } from './blobs.ts';
import { stateOf, statOf } from './file-state.ts';
import { git } from './git.ts';
import { putBack, type Saved } from './saved.ts';

export interface Restoring {
  /** The folders that paths may be in; they themselves stay. */
  readonly roots: readonly string[];
  /** The checkout. */
  readonly checkout: string;
  /** What was at a path. */
  readonly wanted: (path: string) => Saved;
  /** Of git commands about what is checked out. */
  readonly git: Readonly<Record<string, string>>;
  /** Of a tracked file that is checked out as it is committed. */
  readonly committed: (path: string) => TrackedFile | undefined;
  readonly blobs: Blobs;
  /** A folder of ours on the same disk. */
  readonly scratch: string;
  /** Called with each path that is as it was, and what tells that nobody touches it after. */
  readonly done: (path: string, state: string | undefined) => void;
}

/** @param paths with all that were below a folder that is gone */
export async function restore(paths: Iterable<string>, restoring: Restoring): Promise<void> {
  const { wanted, done } = restoring;
  const isReady = folderMaker(restoring);
  const tracked: string[] = [];
  // A folder comes before what is in it.
  for (const path of [...paths].sort()) {
    if (!isReady(dirname(path))) continue;
    const saved = wanted(path);
    const found = statOf(path);
    if (saved.type === 'folder') {
      makeFolder(path);
      continue;
    }
    if (found && (saved.type === 'absent' || found.isDirectory())) rmSync(path, { recursive: true, force: true });
    if (saved.type === 'absent') done(path, undefined);
    if (saved.type === 'tracked') tracked.push(path);
    if (saved.type === 'file' || saved.type === 'link') {
      putBack(path, saved);
      done(path, stateOf(lstatSync(path, { bigint: true })));
    }
  }
  if (tracked.length > 0) await checkOut(tracked, restoring);
}

/** Written beside; each is then moved to its place, whole. */
async function checkOut(paths: readonly string[], restoring: Restoring): Promise<void> {
  const { checkout, git: env, scratch, done } = restoring;
  const folder = join(scratch, 'checkout');
  rmSync(folder, { recursive: true, force: true });
  const written = await writeCommitted(paths, folder, restoring);
  const others = paths.filter((path) => !written.has(path));
  if (others.length > 0) await writeTracked(others, { checkout, env, folder });
  for (const path of paths) {
    const made = written.get(path) ?? join(folder, relative(checkout, path));
    const before = lstatSync(made, { bigint: true });
    renameSync(made, path);
    const now = lstatSync(path, { bigint: true });
    // Whoever wrote there meanwhile has it restored next time.
    done(path, now.ino === before.ino && now.mtimeNs === before.mtimeNs ? stateOf(now) : 'touched');
  }
}

/** Those that are checked out as they are committed, by where they are now; none where git could not say them. */
async function writeCommitted(
  paths: readonly string[],
  folder: string,
  { committed, blobs }: Restoring,
): Promise<ReadonlyMap<string, string>> {
  const own = `${folder}.blobs`;
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  const files = paths.flatMap((path, index) => {
    const file = committed(path);
    const mode = file?.mode === '100755' ? 0o777 : 0o666;
    return file ? [{ path, oid: file.oid, mode, made: join(own, String(index)) }] : [];
  });
  try {
    await blobs.write(files.map(({ oid, mode, made }) => ({ oid, mode, path: made })));
  } catch {
    return new Map(); // git checks them out, or says why not
  }
  return new Map(files.map(({ path, made }) => [path, made]));
}

/** Writes `paths` as git checks them out into `folder`, by their names. */
export async function writeTracked(
  paths: readonly string[],
  { checkout, env, folder }: { checkout: string; env: Restoring['git']; folder: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await git(['checkout-index', '--force', '--stdin', '-z', `--prefix=${folder}/`], {
    cwd: checkout,
    env,
    input: paths.map((path) => `${relative(checkout, path)}\0`).join(''),
  });
}

/** Whether a folder is there, made where it has to be; false: it is not to be, and goes itself. */
function folderMaker({ roots, wanted }: Restoring): (folder: string) => boolean {
  const known = new Map<string, boolean>(roots.map((root) => [root, true]));
  const isReady = (folder: string): boolean => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const ready =
      dirname(folder) !== folder && isReady(dirname(folder)) && (wanted(folder).type === 'folder' || isFolder(folder));
    if (ready && wanted(folder).type === 'folder') makeFolder(folder);
    known.set(folder, ready);
    return ready;
  };
  return isReady;
}

function isFolder(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}

function makeFolder(path: string): void {
  const found = statOf(path);
  if (found && !found.isDirectory()) unlinkSync(path);
  if (!found?.isDirectory()) mkdirSync(path);
  else if ((found.mode & 0o700n) !== 0o700n) chmodSync(path, Number(found.mode & 0o7777n) | 0o700);
}
