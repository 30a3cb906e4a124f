// The net changes of files since the mark, as data and as a patch.
import { mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { StacksError } from '../errors.ts';
import { statOf } from './file-state.ts';
import { tryGit } from './git.ts';
import { writeTracked } from './restore.ts';
import { copyPath, putBack, save } from './saved.ts';
import type { WatchedWorkspace } from './watched-workspace.ts';

/** A file that is not as it was when the test began. Contents are text; of a binary file, a `Buffer`. */
export interface FileChange {
  /** Relative to the worktree. */
  readonly path: string;
  readonly op: 'create' | 'update' | 'delete';
  readonly before: string | Buffer | undefined;
  readonly after: string | Buffer | undefined;
}

/** Files above which there is no list. */
const MOST_FILES = 10_000;
const MOST_BYTES = 64 * 2 ** 20;

/** Ordered by path. @throws CHANGES_TOO_MANY */
export async function fileChanges(workspace: WatchedWorkspace): Promise<FileChange[]> {
  return withBefore(workspace, async (paths, folder) => {
    const root = workspace.worktree.path;
    let bytes = 0;
    return paths.flatMap((path): FileChange[] => {
      const [before, after] = [read(copyPath(folder, root, path)), read(path)];
      bytes += (before?.length ?? 0) + (after?.length ?? 0);
      if (bytes > MOST_BYTES) throw tooMany(`more than ${MOST_BYTES / 2 ** 20} MB`);
      if (same(before, after)) return [];
      const op = before === undefined ? 'create' : after === undefined ? 'delete' : 'update';
      return [{ path: relative(root, path), op, before, after }];
    });
  });
}

/** What `git diff` says of them; empty: nothing has changed. */
export async function filePatch(workspace: WatchedWorkspace): Promise<string> {
  return withBefore(workspace, async (paths) => {
    const { path: root, base } = workspace.worktree;
    const after = join(base, AFTER);
    rmSync(after, { recursive: true, force: true });
    mkdirSync(after);
    for (const path of paths) {
      const copy = copyPath(after, root, path);
      const saved = save(path, copy);
      if (saved.type === 'link') place(copy, saved);
    }
    const plain = ['--no-color', '--no-ext-diff', '--no-textconv', '--no-renames', '--binary'];
    // The folders' own names are the prefixes of a patch.
    const names = ['--src-prefix=', '--dst-prefix=', BEFORE, AFTER];
    return (await tryGit(['diff', '--no-index', ...plain, ...names], { cwd: base })).stdout;
  });
}

const BEFORE = 'a';
const AFTER = 'b';

/** Calls `work` with the paths of files that may have changed, and a folder that has them as they were. */
async function withBefore<T>(
  workspace: WatchedWorkspace,
  work: (paths: readonly string[], folder: string) => Promise<T>,
): Promise<T> {
  const { path: root, base } = workspace.worktree;
  const paths = (await workspace.changed()).filter((path) => {
    return workspace.before(path).type !== 'folder' || !statOf(path)?.isDirectory();
  });
  if (paths.length > MOST_FILES) throw tooMany(`${paths.length} files`);
  const folder = join(base, BEFORE);
  rmSync(folder, { recursive: true, force: true });
  const tracked = paths.filter((path) => workspace.before(path).type === 'tracked');
  await writeTracked(tracked, { checkout: root, env: workspace.git, folder });
  for (const path of paths) {
    const before = workspace.before(path);
    if (before.type !== 'file' && before.type !== 'link') continue;
    place(copyPath(folder, root, path), before);
  }
  return work(paths, folder);
}

function place(copy: string, saved: Parameters<typeof putBack>[1]): void {
  mkdirSync(dirname(copy), { recursive: true });
  putBack(copy, saved);
}

type Content = string | Buffer | undefined;

/** Of a link, what it leads to. */
function read(path: string): Content {
  const stats = statOf(path);
  if (stats?.isSymbolicLink()) return readlinkSync(path);
  if (!stats?.isFile()) return undefined;
  if (stats.size > MOST_BYTES) throw tooMany(`${stats.size} bytes in one file`);
  const bytes = readFileSync(path);
  const text = bytes.toString('utf8');
  return text.includes('\0') || !Buffer.from(text).equals(bytes) ? bytes : text;
}

function same(one: Content, other: Content): boolean {
  return Buffer.isBuffer(one) && Buffer.isBuffer(other) ? one.equals(other) : one === other;
}

function tooMany(what: string): StacksError {
  return new StacksError('CHANGES_TOO_MANY', `the test has changed ${what}, which is too much to list.`, {
    hint: 'read the files that matter: `workspace.read(path)`, `workspace.git("status")`.',
  });
}
