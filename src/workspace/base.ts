// What a worktree is brought back to: the files that git checks out, and copies of all others as `setup` and the servers'
// start left them, those of the slot's repository among them. Taken by the runner, read by workers.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AsCommitted, asCommitted } from './as-committed.ts';
import { type FileState, folderIdentity, stateOf, statOf } from './file-state.ts';
import { fields, git, tryGit } from './git.ts';
import { copyIndex } from './index-file.ts';
import type { Worktree } from './run-repository.ts';
import { copyPath, type SavedFiles, save } from './saved.ts';
import { walk } from './walk.ts';

export interface Base {
  /** Of files that git does not check out as they are: absolute paths. */
  readonly saved: SavedFiles;
  /** What tells that one of them was not touched since. */
  readonly states: Map<string, FileState>;
  readonly folders: ReadonlySet<string>;
  /** The files that git checks out; of those that are as they are committed what the index says. */
  readonly tracked: ReadonlyMap<string, TrackedFile | undefined>;
  /** For git commands: the copies of the slot's repository and its index, which no test changes. */
  readonly git: Readonly<Record<string, string>>;
  /** Of the folders themselves. */
  readonly identities: { readonly checkout: string; readonly repository: string };
}

export interface TrackedFile {
  readonly oid: string;
  readonly mode: '100644' | '100755';
}

const MANIFEST = 'base.json';
const INDEX = 'index';

/** Takes the worktree as it is now. */
export async function takeBase(worktree: Worktree): Promise<void> {
  const { path, base, bare } = worktree;
  rmSync(base, { recursive: true, force: true });
  const repository = join(base, 'files/repository');
  for (const folder of ['objects/info', 'refs']) mkdirSync(join(repository, folder), { recursive: true });
  await tryGit(['update-index', '-q', '--refresh'], { cwd: path }); // Fails where a file has changed.
  const gitDir = (await git(['rev-parse', '--absolute-git-dir'], { cwd: path })).trimEnd();
  copyIndex(join(gitDir, 'index'), join(base, INDEX));
  const saved: SavedFiles = new Map();
  for (const name of readdirSync(bare)) {
    if (name !== 'objects') saveBelow(join(bare, name), repository, bare, saved);
  }
  writeFileSync(join(repository, 'objects/info/alternates'), `${join(bare, 'objects')}\n`);
  const env = { GIT_DIR: copyPath(repository, bare, gitDir), GIT_WORK_TREE: path, GIT_INDEX_FILE: join(base, INDEX) };
  const { folders: inCheckout, files } = walk(path);
  const indexed = new Set(fields(await git(['ls-files', '-z'], { cwd: path, env })).map((name) => join(path, name)));
  const others = files.filter((file) => !indexed.has(file));
  for (const file of [...(await touchedFiles(worktree, { git: env })), ...others])
    saveBelow(file, join(base, 'files/checkout'), path, saved);
  const states = [...saved.keys()].flatMap((file) => {
    const stats = statOf(file);
    return stats ? [[file, stateOf(stats)] as const] : [];
  });
  const folders = [...inCheckout, ...walk(bare, 'objects').folders];
  const identities = { checkout: folderIdentity(path), repository: folderIdentity(bare) };
  const committed = await asCommitted(path, env, saved.keys());
  const manifest = { saved: [...saved], states, folders, git: env, identities, committed };
  writeFileSync(join(base, MANIFEST), JSON.stringify(manifest), { mode: 0o600 });
}

export async function readBase({ base, path }: Worktree): Promise<Base> {
  const manifest = JSON.parse(readFileSync(join(base, MANIFEST), 'utf8'));
  const saved: SavedFiles = new Map(manifest.saved);
  const folders = new Set<string>(manifest.folders);
  const committed: AsCommitted = manifest.committed;
  const changed = new Set(committed.all ? committed.except : []);
  const tracked = new Map<string, TrackedFile | undefined>();
  for (const entry of fields(await git(['ls-files', '-z', '--stage', '-t'], { cwd: path, env: manifest.git }))) {
    const name = entry.slice(entry.indexOf('\t') + 1);
    const file = join(path, name);
    const [, mode = '', oid = ''] = entry.split(' ', 3);
    // A submodule is a folder; of what a sparse checkout leaves out there is nothing.
    if (entry.startsWith('160000 ', 2)) folders.add(file);
    else if (!entry.startsWith('S')) {
      const isAsCommitted = committed.all && !changed.has(name) && (mode === '100644' || mode === '100755');
      tracked.set(file, isAsCommitted ? { oid, mode } : undefined);
    }
  }
  return {
    saved,
    states: new Map(manifest.states),
    folders,
    tracked,
    git: manifest.git,
    identities: manifest.identities,
  };
}

/** The folders themselves are what servers have for their working directory, and cannot be put back. */
export function assertThere({ path, bare }: Worktree, { identities }: Pick<Base, 'identities'>): void {
  const { checkout, repository } = identities;
  for (const [root, identity] of [
    [path, checkout],
    [bare, repository],
  ] as const) {
    if (folderIdentity(root) !== identity) throw new Error(`${root} was removed or exchanged`);
  }
  if (!statOf(join(bare, 'objects'))?.isDirectory()) throw new Error(`${join(bare, 'objects')} was removed`);
}

/**
 * The files of the index that were touched since git has looked at them, and those that are gone. Of modes git itself
 * would only say whether a file can be run.
 */
export async function touchedFiles({ path }: Worktree, { git: env }: Pick<Base, 'git'>): Promise<string[]> {
  const settings = ['-c', 'core.trustCtime=true', '-c', 'core.checkStat=default'];
  const listed = await git([...settings, 'diff-files', '-z', '--name-only', '--no-renames'], { cwd: path, env });
  return fields(listed).map((name) => join(path, name));
}

function saveBelow(path: string, folder: string, root: string, into: SavedFiles): void {
  if (!statOf(path)?.isDirectory()) {
    into.set(path, save(path, copyPath(folder, root, path)));
    return;
  }
  for (const name of readdirSync(path)) saveBelow(join(path, name), folder, root, into);
}
