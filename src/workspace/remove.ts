// Removes the worktrees of a run: what we made in the run's folder, and nothing that a person or another tool put there.
import { chmodSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, identityOf, isSame } from '../files/identity.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { runOfStackKey } from '../names.ts';

/** In the folder: whose it is, as JSON. */
export const OWNER_FILE = 'owner.json';

/** The name of a repository of the run in its folder: one for each of the user's that it works on. */
export function repositoryName(number: number): string {
  return `repository-${number}.git`;
}

export interface WorkspacesFolder {
  readonly run: string;
  readonly folder: string;
  readonly identity: Identity;
  /** The git folders of the user's repositories, which know worktrees of their own. */
  readonly users: readonly string[];
}

/** Returns what was left, since it is not ours. Throws where something of ours is left. */
export async function removeWorkspaces({ run, folder, identity, users }: WorkspacesFolder): Promise<readonly string[]> {
  if (!isSame(identityOf(folder), identity)) return [];
  const theirs = users.flatMap(worktreesOf);
  const left: string[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name === OWNER_FILE) continue;
    const isOurs = /^repository-\d+\.git$/.test(name) || runOfStackKey(name) === run;
    if (!isOurs || theirs.some((each) => each === path || each.startsWith(`${path}/`))) left.push(path);
    else await removeOwn(path);
  }
  if (left.length > 0) return left;
  rmSync(join(folder, OWNER_FILE), { force: true });
  rmdirSync(folder); // Takes nothing but an empty folder.
  return [];
}

/** A slot's folder, or a repository of the run. One in which a worktree of the user's is stays. */
export async function removeOwn(path: string, users: readonly string[] = []): Promise<void> {
  const identity = identityOf(path);
  if (!identity || users.flatMap(worktreesOf).some((each) => each.startsWith(`${path}/`))) return;
  await removeFolder(path, identity).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES') throw error;
    makeEnterable(path);
    await removeFolder(path, identity);
  });
}

/** A test may have closed folders to itself. */
function makeEnterable(folder: string): void {
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) makeEnterable(join(folder, entry.name));
  }
}

/** The folders of the worktrees that a repository knows. */
function worktreesOf(commonDir: string): string[] {
  try {
    const folder = join(commonDir, 'worktrees');
    return readdirSync(folder).map((name) =>
      readFileSync(join(folder, name, 'gitdir'), 'utf8').replace(/\/\.git\s*$/, ''),
    );
  } catch {
    return []; // it has none, or is gone
  }
}
