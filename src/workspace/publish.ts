// `publish: 'branch'`: the last commit of each slot becomes a branch of the user's repository. The only thing that is ever
// written to it, and only where it was asked for.
import { keptCommits } from './commits.ts';
import { git } from './git.ts';
import type { RunRepository } from './run-repository.ts';

/** Returns the branches. Their names are unique in the world: none is taken. */
export async function publish({ bare, user }: RunRepository): Promise<readonly string[]> {
  const last = new Map((await keptCommits({ bare })).map(({ branch, ref }) => [branch, ref]));
  if (last.size === 0) return [];
  const specs = [...last].map(([branch, ref]) => `${ref}:refs/heads/${branch}`);
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance', bare, ...specs];
  await git(args, { cwd: user.top });
  return [...last.keys()];
}
