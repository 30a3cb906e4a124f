// The commit that the worktrees of a run start from. What the user has not committed is carried along in a commit of the
// run's own repository, made with an index and an object store that are not the user's.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fields, git } from './git.ts';
import { copyIndex } from './index-file.ts';
import { refuseGitlinks, type UserRepository } from './user-repository.ts';

/** @param bare the run's repository, which gets the objects */
export async function baseCommit(user: UserRepository, base: string, bare: string): Promise<string> {
  return base === 'working-tree' ? commitWorkingTree(user, bare) : user.start;
}

async function commitWorkingTree(user: UserRepository, bare: string): Promise<string> {
  const index = join(bare, 'working-tree.index');
  const own = join(user.gitDir, 'index');
  if (existsSync(own)) copyIndex(own, index);
  const env = {
    GIT_DIR: user.gitDir,
    GIT_WORK_TREE: user.top,
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: join(bare, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(user.objects), // a list; git's quotes as JSON's
    ...AUTHOR,
  };
  // What git-lfs cleans it stores beside; it finds it there by the objects that a slot's repository is on top of. Of all
  // commands: `write-tree` looks again at files that are as new as the index, and has them cleaned.
  const settings = ['core.untrackedCache=false', 'core.splitIndex=false', `lfs.storage=${join(bare, 'lfs')}`];
  const inUsers = (...args: string[]) => {
    return git([...settings.flatMap((setting) => ['-c', setting]), ...args], { cwd: user.top, env });
  };
  await inUsers('add', '--all');
  refuseGitlinks(user.top, fields(await inUsers('ls-files', '--stage', '-z')));
  const tree = (await inUsers('write-tree')).trim();
  const message = 'The working tree, with what is not committed';
  return (await inUsers('commit-tree', tree, '-p', user.start, '-m', message)).trim();
}

const AUTHOR = {
  ...{ GIT_AUTHOR_NAME: 'Playwright Stacks', GIT_AUTHOR_EMAIL: 'playwright-stacks@localhost' },
  ...{ GIT_COMMITTER_NAME: 'Playwright Stacks', GIT_COMMITTER_EMAIL: 'playwright-stacks@localhost' },
};
