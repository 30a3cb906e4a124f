// `npm run bench -- workspace`: a worktree of 20,000 files, opened and reset, beside what one would do by hand. Medians of
// rounds in which all take turns.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { takeBase } from '../src/workspace/base.ts';
import {
  makeRunRepository,
  makeWorktree,
  planWorktree,
  type RunRepository,
  type Worktree,
} from '../src/workspace/run-repository.ts';
import { findRepository } from '../src/workspace/user-repository.ts';
import { WatchedWorkspace } from '../src/workspace/watched-workspace.ts';
import { type Answer, answer } from './answer.ts';

const FILES = 20_000;
const FILES_IN_FOLDER = 20;
const CHANGED = 10;
const OPENINGS = 3;
const RESETS = 15;

export async function benchWorkspace(tell: (answer: Answer) => void): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stk-bench-')));
  try {
    const user = join(folder, 'shop');
    await makeRepository(user);
    const run = await makeRunRepository(await findRepository(user, 'HEAD'), 'HEAD', join(folder, 'run.git'));
    await askAboutOpening(folder, run, tell);
    await askAboutResets(folder, run, tell);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function askAboutOpening(folder: string, run: RunRepository, tell: (answer: Answer) => void): Promise<void> {
  const user = run.user.top;
  const fresh = () => join(folder, `made-${number()}`);
  const ways: Record<string, () => Promise<unknown>> = {
    ours: () => open(folder, run),
    'git worktree add': () => git(user, 'worktree', 'add', '--quiet', '--detach', fresh()),
    'git clone --local': () => git(user, 'clone', '--quiet', '--local', user, fresh()),
    'cp -a': () => execa('cp', ['-a', user, fresh()]),
    four: () => Promise.all([0, 1, 2, 3].map(() => open(folder, run))),
  };
  const times = await inTurns(ways, OPENINGS, async () => {
    await git(user, 'worktree', 'list');
    for (let n = 0; n <= made; n += 1) rmSync(join(folder, `made-${n}`), { recursive: true, force: true });
    await git(user, 'worktree', 'prune');
  });
  const { ours = 0, four = 0, ...peers } = times;
  for (const [peer, theirs] of Object.entries(peers)) {
    tell(answer(`open, ${FILES} files`, ours, peer, theirs, undefined));
  }
  tell(answer('open four at once', four, 'one', ours, { ratio: 2.5 }));
}

async function askAboutResets(folder: string, run: RunRepository, tell: (answer: Answer) => void): Promise<void> {
  const ours = await open(folder, run);
  const workspace = await WatchedWorkspace.open(ours, 'when needed');
  await workspace.resetToMark();
  const theirs = join(folder, `made-${number()}`);
  await git(run.user.top, 'worktree', 'add', '--quiet', '--detach', theirs);
  await git(theirs, 'reset', '--hard', '--quiet');
  const times = await inTurns(
    {
      ours: timed(
        () => change(ours.path),
        () => workspace.resetToMark(),
      ),
      git: timed(
        () => change(theirs),
        async () => {
          await git(theirs, 'reset', '--hard', '--quiet');
          await git(theirs, 'clean', '-fdxq');
        },
      ),
      nothing: () => workspace.resetToMark(),
    },
    RESETS,
    async () => {},
  );
  const freshTimes = await inTurns(
    { fresh: () => git(run.user.top, 'worktree', 'add', '--quiet', '--detach', join(folder, `made-${number()}`)) },
    OPENINGS,
    async () => {},
  );
  const { ours: reset = 0, git: byGit = 0, nothing = 0 } = times;
  const what = `reset, ${CHANGED} of ${FILES} files changed`;
  tell(answer(what, reset, 'git worktree add', freshTimes.fresh ?? 0, { ratio: 1 / 20 }));
  tell(answer(what, reset, 'git reset --hard && git clean -fdx', byGit, { ratio: 1 / 4 }));
  tell(answer('reset, nothing changed', nothing, 'git reset --hard && git clean -fdx', byGit, { most: 5 }));
  workspace.close();
}

let made = 0;
function number(): number {
  made += 1;
  return made;
}

async function open(folder: string, run: RunRepository): Promise<Worktree> {
  const n = number();
  const worktree = planWorktree(run.user, join(folder, `made-${n}`), `bench-${n}`);
  await makeWorktree(run, worktree, []);
  await takeBase(worktree);
  return worktree;
}

async function makeRepository(user: string): Promise<void> {
  for (let n = 0; n < FILES; n += 1) {
    const at = join(user, `src/${Math.floor(n / FILES_IN_FOLDER)}`);
    if (n % FILES_IN_FOLDER === 0) mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `${n}.js`), `export const n = ${n};\n`.repeat(20));
  }
  await git(user, 'init', '--quiet', '--initial-branch=main');
  await git(user, 'config', 'gc.auto', '0');
  await git(user, 'add', '--all');
  await git(user, '-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '--quiet', '--message', 'first');
  await git(user, 'repack', '-a', '-d', '--quiet');
}

/** What a test does: it writes files that there are, and makes one. */
function change(path: string): void {
  for (let n = 0; n < CHANGED - 1; n += 1)
    writeFileSync(join(path, `src/${n * 7}/${n * 7 * FILES_IN_FOLDER}.js`), 'test');
  writeFileSync(join(path, 'new.txt'), 'test');
}

function git(cwd: string, ...args: string[]) {
  return execa('git', args, { cwd });
}

/** Only the second is measured. */
function timed(before: () => void, work: () => Promise<unknown>): () => Promise<number> {
  return async () => {
    before();
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
}

/** The median milliseconds of each; one that returns a number has measured itself. */
async function inTurns(
  ways: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
  between: () => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, work] of Object.entries(ways)) {
      const began = performance.now();
      const own = await work();
      const list = times[name] ?? [];
      list.push(typeof own === 'number' ? own : performance.now() - began);
      times[name] = list;
    }
    await between();
  }
  const median = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}
