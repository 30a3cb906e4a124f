// Brings paths of a worktree back to what they were. Never follows a link that somebody has put in a folder's place.
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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

/** Git writes them beside; each is then moved to its place, whole. */
async function checkOut(paths: readonly string[], { checkout, git: env, scratch, done }: Restoring): Promise<void> {
  const folder = join(scratch, 'checkout');
  rmSync(folder, { recursive: true, force: true });
  await writeTracked(paths, { checkout, env, folder });
  for (const path of paths) {
    const made = join(folder, relative(checkout, path));
    const before = lstatSync(made, { bigint: true });
    renameSync(made, path);
    const now = lstatSync(path, { bigint: true });
    // Whoever wrote there meanwhile has it restored next time.
    done(path, now.ino === before.ino && now.mtimeNs === before.mtimeNs ? stateOf(now) : 'touched');
  }
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
