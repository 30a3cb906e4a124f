// A repository as a user has it, and worktrees of a run beside it, in a folder of the test.
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { takeBase } from '../base.ts';
import { makeRunRepository, makeWorktree, planWorktree, type RunRepository, type Worktree } from '../run-repository.ts';
import { findRepository } from '../user-repository.ts';
import { WatchedWorkspace } from '../watched-workspace.ts';

export interface TestBed extends AsyncDisposable {
  /** The user's checkout. */
  readonly user: string;
  /** Where the run's folders are. */
  readonly folder: string;
  /** Git in `cwd`, as a person runs it; what it prints, without the last line break. */
  git(cwd: string, ...args: string[]): Promise<string>;
  /** Writes files of the user's checkout, or another folder; of null, a folder. */
  write(files: Readonly<Record<string, string>>, folder?: string): void;
  /** Commits all. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  /** @param checkout default: the user's */
  run(base?: string, checkout?: string): Promise<RunRepository>;
  /** With its base taken. `setUp` comes before it. */
  worktree(
    run: RunRepository,
    slot?: number,
    setUp?: (worktree: Worktree) => unknown,
    links?: readonly string[],
  ): Promise<Worktree>;
  open(worktree: Worktree): Promise<WatchedWorkspace>;
  /** All that git says of the user's repository. */
  snapshot(): Promise<Readonly<Record<string, string>>>;
}

const RUN = '0123456789';

// What git does in the background after a commit would be seen as ours.
const SETTINGS = `[user]
	name = Ann
	email = ann@example.org
[maintenance]
	auto = false
[gc]
	auto = 0
`;

/** @param name of the folder of the user's checkout */
export async function newTestBed(name = 'shop'): Promise<TestBed> {
  const base = realpathSync(mkdtempSync('/tmp/stk-test-'));
  const [user, folder] = [join(base, name), join(base, 'run')];
  for (const each of [user, folder]) mkdirSync(each);
  const opened: WatchedWorkspace[] = [];
  const git = async (cwd: string, ...args: string[]) => (await execa('git', args, { cwd })).stdout;
  const write = (files: Readonly<Record<string, string>>, at = user) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(at, name)), { recursive: true });
      writeFileSync(join(at, name), text);
    }
  };
  const commit = async (files: Readonly<Record<string, string>>) => {
    write(files);
    await git(user, 'add', '--all');
    await git(user, 'commit', '--quiet', '--message', 'a commit');
    return git(user, 'rev-parse', 'HEAD');
  };
  await git(user, 'init', '--quiet', '--initial-branch=main');
  appendFileSync(join(user, '.git/config'), SETTINGS);
  await commit({
    'README.md': 'a shop\n',
    'src/app.js': 'app\n',
    'src/lib/tax.js': 'tax\n',
    '.gitignore': 'dist/\n*.log\n',
  });
  let repositories = 0;
  return {
    ...{ user, folder, git, write, commit },
    async run(at = 'HEAD', checkout = user) {
      repositories += 1;
      return makeRunRepository(await findRepository(checkout, at), at, join(folder, `repository-${repositories}.git`));
    },
    async worktree(run, slot = 0, setUp = () => {}, links = []) {
      const worktree = planWorktree(run.user, join(folder, `stk_${RUN}_${slot}`), `stk_${RUN}_${slot}`);
      await makeWorktree(run, worktree, links);
      await setUp(worktree);
      await takeBase(worktree);
      return worktree;
    },
    async open(worktree) {
      const workspace = await WatchedWorkspace.open(worktree, 'when needed');
      await workspace.resetToMark();
      opened.push(workspace);
      return workspace;
    },
    async snapshot() {
      const asked = {
        worktrees: ['worktree', 'list'],
        branches: ['branch', '--all'],
        stashes: ['stash', 'list'],
        status: ['status', '--porcelain=v2', '--untracked-files=all', '--ignored'],
        refs: ['for-each-ref'],
        config: ['config', '--list'],
        fsck: ['fsck', '--no-dangling'],
        objects: ['count-objects', '--verbose'],
      };
      const said = Object.entries(asked).map(async ([name, args]) => [name, await git(user, ...args)] as const);
      return Object.fromEntries(await Promise.all(said));
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened) each.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
