// A project that is a git repository, and all that git says of it.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Project } from './project.ts';

export interface GitRepository {
  git(...args: string[]): Promise<string>;
  /** To be compared before and after: nothing of it may differ. */
  snapshot(): Promise<Readonly<Record<string, string>>>;
}

/** Makes the project a repository whose files are committed, with a branch, a stash and work that is not committed. */
export async function makeRepository({ folder }: Project): Promise<GitRepository> {
  const git = async (...args: string[]) => (await promisify(execFile)('git', args, { cwd: folder })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('config', 'user.name', 'Ann');
  await git('config', 'user.email', 'ann@example.org');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'first');
  await git('branch', 'other');
  return {
    git,
    async snapshot() {
      const asked = {
        worktrees: ['worktree', 'list'],
        branches: ['branch', '--all'],
        stashes: ['stash', 'list'],
        status: ['status', '--porcelain=v2', '--branch'],
        refs: ['for-each-ref'],
        config: ['config', '--list'],
        fsck: ['fsck', '--no-dangling'],
        objects: ['count-objects'],
      };
      const said: Record<string, string> = {};
      for (const [name, args] of Object.entries(asked)) said[name] = await git('--no-optional-locks', ...args);
      return said;
    },
  };
}
