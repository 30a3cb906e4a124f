// Tasks in worktrees, locks, and workers that are killed, round after round in one run, with the same template and workers.
// STACKS_ROUNDS says how many.
import { configText, only } from '../harness/config-text.ts';
import { makeRepository } from '../harness/repository.ts';
import { expect, type RunResult, test } from '../harness/test.ts';

const ROUNDS = Number(process.env.STACKS_ROUNDS ?? 50);
const timeout = 180_000 + ROUNDS * 20_000;
test.describe.configure({ timeout: timeout + 60_000 });

/** All tests of a round run at once, so that each has a slot of its own. */
const ROUND = `
  import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
  import { expect, test } from 'playwright-stacks';
  const rounds = Array.from({ length: ${ROUNDS} }, (_, round) => round);
  async function allBegan(round, name, count) {
    mkdirSync('begun/' + round, { recursive: true });
    writeFileSync('begun/' + round + '/' + name, '');
    await expect.poll(() => readdirSync('begun/' + round).length, { timeout: 55_000 }).toBe(count);
  }
`;

function expectAll({ report, exitCode, output }: RunResult, stats: { expected: number; flaky: number }): void {
  expect(report?.stats, output.slice(-5_000)).toMatchObject({ ...stats, unexpected: 0, skipped: 0 });
  expect(exitCode).toBe(0);
}

test(`four independent tasks in four workers, ${ROUNDS} times: no conflict, and no trace`, async ({ project, run }) => {
  const files = {
    'e2e/tasks.spec.ts': `${ROUND}
      for (const round of rounds) for (const task of ['sow', 'water', 'weed', 'harvest']) {
        test(task + ' ' + round, async ({ request, workspace, stack }) => {
          await allBegan(round, task, 4);
          const file = task + '-' + round + '.txt';
          await request.post('/task?file=' + file, { data: task });
          expect((await workspace.git('log', '--format=%s %D')).stdout).toMatch(task + ' HEAD -> ' + stack.key);
          await expect(workspace).toHaveChanged([
            { path: 'tasks/' + file, op: 'create', after: task + '\\n' },
            { path: 'cache/' + file, op: 'create' },
          ]);
        });
      }
    `,
  };
  const shop = await project('repository', { files, mayWrite: ['begun/'] });
  const repository = await makeRepository(shop);
  const before = await repository.snapshot();
  const result = await run(shop, [], { report: 'json', timeout });
  expectAll(result, { expected: 4 * ROUNDS, flaky: 0 });
  const refs = result.events.flatMap((event) => (event.type === 'committed' ? event.refs : []));
  expect(new Set(refs).size).toBe(4 * ROUNDS);
  expect(new Set(refs.map((ref) => ref.split('/')[2])).size).toBe(4);
  expect(result.events.filter(({ type }) => type === 'conflicts')).toEqual([]);
  expect(await repository.snapshot()).toEqual(before);
});

test(`two tasks on one file, ${ROUNDS} times: each conflict is told with both slots and the file`, async ({
  project,
  run,
}) => {
  const files = {
    'e2e/tasks.spec.ts': `${ROUND}
      for (const round of rounds) for (const task of ['sow', 'water']) {
        test(task + ' ' + round, async ({ request }) => {
          await allBegan(round, task, 2);
          await request.post('/task?file=list-' + round + '.txt', { data: task });
        });
      }
    `,
  };
  const shop = await project('repository', { files, mayWrite: ['begun/'] });
  const repository = await makeRepository(shop);
  const before = await repository.snapshot();
  const result = await run(shop, ['--workers=2'], { report: 'json', timeout });
  expectAll(result, { expected: 2 * ROUNDS, flaky: 0 });
  const found = result.events.flatMap((event) => (event.type === 'conflicts' ? event.conflicts : []));
  expect(found.map(({ files: [file], slots }) => `${file} ${[...slots].sort()}`).sort()).toEqual(
    Array.from({ length: ROUNDS }, (_, round) => `tasks/list-${round}.txt 0,1`).sort(),
  );
  expect(await repository.snapshot()).toEqual(before);
});

test(`eight tasks with one lock, and two that lock in opposite order, ${ROUNDS} times`, async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({ config: 'fullyParallel: true', server: '' }),
    ...only(`${ROUND}
      const mine = (name, round) => name + ' ' + round + ' ' + process.cwd();
      for (const round of rounds) {
      for (let task = 0; task < 8; task += 1) {
        test(round + ' task ' + task, async ({ lock }) => {
          await using held = await lock(mine('file', round));
          writeFileSync('begun/alone-' + round, '', { flag: 'wx' });
          const lines = 'begun/lines-' + round;
          const before = existsSync(lines) ? readFileSync(lines, 'utf8') : '';
          await new Promise(setImmediate);
          writeFileSync(lines, before + task + '\\n');
          rmSync('begun/alone-' + round);
        });
      }
      for (const [own, other] of [['x', 'y'], ['y', 'x']]) {
        test(round + ' locks ' + own + ' first', async ({ lock }) => {
          await lock(mine(own, round));
          writeFileSync('begun/has-' + own + round, '');
          await expect.poll(() => existsSync('begun/has-' + other + round), { timeout: 15_000 }).toBe(true);
          const began = Date.now();
          const outcome = await lock(mine(other, round), { timeout: 15_000 }, () => 'went on').catch(({ message }) => message);
          appendFileSync('begun/outcomes-' + round, JSON.stringify([outcome.split(':')[0], Date.now() - began]) + '\\n');
        });
      }
      }
    `),
    'begun/none': '',
  };
  const mini = await project('mini', { files, mayWrite: ['begun/'] });
  const result = await run(mini, ['--workers=4'], { report: 'json', timeout });
  expectAll(result, { expected: 10 * ROUNDS, flaky: 0 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = async (name: string) => (await mini.read(`begun/${name}-${round}`)).trim().split('\n').sort();
    expect(await lines('lines')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
    const outcomes = (await lines('outcomes')).map((line) => JSON.parse(line)[0]);
    expect(outcomes).toEqual(['LOCK_DEADLOCK', 'went on']);
  }
});

test(`ten tasks on three workers, ${ROUNDS} times, and a worker is killed in each: all have a result, and progress never falls`, async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      config: `fullyParallel: true, retries: 1, reporter: [['./follow.mjs']]`,
      server: '',
    }),
    'follow.mjs': `
      import { appendFileSync } from 'node:fs';
      import { runState, subscribe } from 'playwright-stacks/state';
      export default class {
        constructor() {
          subscribe(({ progress }, { type, test }) => {
            if (progress.total > 0) appendFileSync('begun/updates', JSON.stringify({ type, id: test?.id, progress }) + '\\n');
          });
        }
        onEnd() { appendFileSync('begun/last', JSON.stringify(runState())); }
      }
    `,
    ...only(`${ROUND}
      let done = 0;
      const isFirst = (name) => {
        try { writeFileSync(name, '', { flag: 'wx' }); return true; } catch { return false; }
      };
      for (const round of rounds) for (let task = 0; task < 10; task += 1) {
        test(round + ' task ' + task, async ({ db, lock }) => {
          const isKilled = done >= 2 && isFirst('begun/killed-' + round);
          await lock('killed ' + process.cwd(), { mode: isKilled ? 'read-write' : 'read' });
          if (isKilled) process.kill(process.pid, 'SIGKILL');
          await db.query('INSERT INTO items (name) VALUES ($1)', [String(task)]);
          expect((await db.query('SELECT 1 FROM items')).rowCount).toBe(2);
          done += 1;
        });
      }
    `),
    'begun/none': '',
  };
  const mini = await project('mini', { files, mayWrite: ['begun/'] });
  const result = await run(mini, ['--workers=3'], { report: 'json', timeout });
  const flaky = result.report?.stats.flaky ?? 0;
  expect(flaky).toBeGreaterThan(ROUNDS / 2); // a worker that is new in a round has not done two
  expectAll(result, { expected: 10 * ROUNDS - flaky, flaky });
  const { progress, workers, locks } = JSON.parse(await mini.read('begun/last'));
  const total = 10 * ROUNDS;
  expect(progress).toMatchObject({ total, waiting: 0, running: 0, completed: total, failed: 0, flaky });
  expect(locks).toEqual({});
  const all = Object.values(workers as Record<string, { slot: number; health: string }>);
  expect(all.filter(({ health }) => health === 'replaced')).toHaveLength(flaky);
  expect([...new Map(all.map(({ slot, health }) => [slot, health])).values()]).toEqual([
    'healthy',
    'healthy',
    'healthy',
  ]);

  let completed = 0;
  const seen = new Set<string>();
  for (const line of (await mini.read('begun/updates')).trim().split('\n')) {
    const update = JSON.parse(line);
    if (update.type === 'test-result') seen.add(update.id);
    expect(update.progress.total).toBe(total);
    expect(update.progress.waiting + update.progress.running + update.progress.completed).toBe(total);
    expect(update.progress.completed).toBeGreaterThanOrEqual(completed);
    completed = update.progress.completed;
  }
  expect(seen.size).toBe(total);
});
