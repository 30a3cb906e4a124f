// Files and folders that a run left: temporary ones, in the cache, in the project, worktrees.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Leak, LeakScope } from './leaks.ts';
import { listFiles, type Project } from './project.ts';

type Runs = ReturnType<LeakScope['runs']>;

/** In the private TMPDIR anything; in shared folders what has a run's key in its name. */
export function strayEntries({ tmp, cache }: LeakScope, runs: Runs): Leak[] {
  const keyed = (folder: string) => {
    return namesIn(folder).filter((name) => runs.some(({ run }) => name.includes(run)));
  };
  const leak = (kind: Leak['kind']) => (text: string) => ({ kind, text });
  const files = [
    ...namesIn(tmp).map((name) => path.join(tmp, name)),
    ...keyed('/tmp').map((name) => path.join('/tmp', name)),
    ...[cache, ...keptShelves(cache)].flatMap((folder) => keyed(folder).map((name) => path.join(folder, name))),
    ...runs.map(({ folder }) => folder).filter((folder) => existsSync(folder)),
  ];
  const memory = keyed('/dev/shm').map((name) => path.join('/dev/shm', name));
  return [...[...new Set(files)].map(leak('temporary file')), ...memory.map(leak('shared memory'))];
}

/** What `keep` puts away is a leak unless the test expects or cleans it. */
function keptShelves(cache: string): string[] {
  return namesIn(cache).map((name) => path.join(cache, name, 'kept'));
}

/** Files that neither the fixture, the test nor Playwright put there. */
export function leftFiles(project: Project): Leak[] {
  const known = project.known();
  const left = listFiles(project.folder).filter((file) => !known.has(file) && !project.mayWrite(file));
  return left.map((file) => ({ kind: 'project file', text: path.join(project.folder, file) }));
}

/** Worktrees beyond the main one, where the test made the project a repository. */
export async function leftWorktrees(project: Project): Promise<Leak[]> {
  if (!existsSync(path.join(project.folder, '.git'))) return [];
  const args = ['-c', 'safe.directory=*', '-C', project.folder, 'worktree', 'list', '--porcelain'];
  const { stdout } = await promisify(execFile)('git', args);
  const [, ...others] = stdout.split('\n').filter((line) => line.startsWith('worktree '));
  return others.map((line) => ({ kind: 'worktree', text: line.slice('worktree '.length) }));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
