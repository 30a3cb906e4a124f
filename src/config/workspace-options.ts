// The options of a slot's git worktree, as users write them.
import type { TaskOption } from './database-options.ts';
import type { WorkspaceContext } from './resolved.ts';

/** A git worktree for each slot, in which its app servers run and its tests write and commit. */
export interface WorkspaceOptions {
  /**
   * A folder of the checkout, relative to the config file's folder. Where it is in no git repository, in a bare one, one
   * without a commit, a partial clone, or one with submodules that are checked out, that is `WORKSPACE_UNFIT`.
   * @default '.'
   * @example repo: '../shop'
   */
  readonly repo?: string;
  /**
   * What every worktree starts from.
   * - `'HEAD'`: the last commit
   * - `'working-tree'`: that, with what is not committed and with new files, but for ignored ones
   * - any other branch, tag or commit; one that does not exist is `OPTIONS_INVALID`
   * @default 'HEAD'
   * @example base: 'working-tree'
   */
  readonly base?: string;
  /**
   * Files and folders of your checkout that each worktree gets a link to, relative to the config file's folder: what git
   * does not have, and tests do not change. One that does not exist, is outside of the checkout or is committed is
   * `OPTIONS_INVALID`.
   * @default node_modules, if there is such a folder
   * @example link: ['node_modules', '.env.test']
   */
  readonly link?: readonly string[];
  /**
   * Runs once in every worktree, before its servers start: what it makes is part of what tests start from. A command, or
   * a function that gets `{ path, slot, key }`. If it fails the stack is not opened (`COMMAND_FAILED`).
   * @default nothing is run
   * @example setup: 'npm run generate'
   */
  readonly setup?: TaskOption<WorkspaceContext>;
  /**
   * Milliseconds that `setup` may take; then it is ended (`COMMAND_FAILED`).
   * @default 120_000
   * @example timeout: 600_000
   */
  readonly timeout?: number;
  /**
   * After what the worktree is brought back to where it was: its files, ignored ones too, branches, index, stash, settings.
   * - `'test'`: after every test, as far as `isolation` is `'test'`
   * - `'file'`: when a group begins, usually a file
   * - `'never'`: not at all
   * - `'full'`: as `'test'`, and each time all files are looked at, and not only those that are seen to change: for
   *   applications that write through memory maps
   * @default 'test'
   * @example reset: 'file'
   */
  readonly reset?: 'test' | 'file' | 'never' | 'full';
  /**
   * Whether the commits of tests are given to your repository when the run ends.
   * - `'branch'`: each slot's last ones, as a branch `stk_…` there
   * @default nothing is written to your repository
   * @example publish: 'branch'
   */
  readonly publish?: 'branch';
}
