// Workers that are killed, and what a listener sees, round after round.
import { configText, only } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';
import { expectAll, ROUND, ROUNDS, timeout } from './rounds.ts';

test.describe.configure({ timeout: timeout + 60_000 });

/** A reporter that writes down every update, and the last state. */
const FOLLOW = `
  import { appendFileSync, writeFileSync } from 'node:fs';
  import { runState, subscribe } from 'playwright-stacks/state';
  export default class {
    constructor() {
      writeFileSync('begun/updates', '');
      subscribe(({ progress }, { type, test }) => {
        if (progress.total > 0) appendFileSync('begun/updates', JSON.stringify({ type, id: test?.id, progress }) + '\\n');
      });
    }
    onEnd() { writeFileSync('begun/last', JSON.stringify(runState())); }
  }
`;

/** At least one update for each test; nothing ever falls, and the parts make the whole. */
function expectSteps(updates: string, total: number): void {
  const seen = new Set<string>();
  let before = { completed: 0, failed: 0 };
  for (const line of updates.trim().split('\n')) {
    const { type, id, progress } = JSON.parse(line);
    if (type === 'test-result') seen.add(id);
    expect(progress.total).toBe(total);
    expect(progress.waiting + progress.running + progress.completed).toBe(total);
    expect(progress.completed).toBeGreaterThanOrEqual(before.completed);
    expect(progress.failed).toBeGreaterThanOrEqual(before.failed);
    before = progress;
  }
  expect(seen.size).toBe(total);
}

test(`ten tasks on three workers, ${ROUNDS} times, and a worker is killed in each: all have a result, and progress never falls`, async ({
  project,
  run,
}) => {
  const texts = {
    'playwright.config.ts': configText({
      config: `fullyParallel: true, retries: 1, reporter: [['./follow.mjs']]`,
      server: '',
    }),
    'follow.mjs': FOLLOW,
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
  const mini = await project('mini', { files: texts, mayWrite: ['begun/'] });
  const result = await run(mini, ['--workers=3'], { report: 'json', timeout });
  const flaky = result.report?.stats.flaky ?? 0;
  expect(flaky).toBeGreaterThan(ROUNDS / 2); // a worker that is new in a round has not done two
  expectAll(result, { expected: 10 * ROUNDS - flaky, flaky });
  const { progress, workers, locks, files } = JSON.parse(await mini.read('begun/last'));
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

  const ran = Object.values(files as Record<string, { tests: Record<string, { attempts: number; moves: number }> }>);
  const again = ran.flatMap(({ tests }) => Object.values(tests)).filter(({ attempts }) => attempts === 2);
  expect(again).toHaveLength(flaky);
  expect(again.every(({ moves }) => moves >= 1)).toBe(true);

  expectSteps(await mini.read('begun/updates'), total);
});

test(`five tasks and a listener, in ${ROUNDS} runs: an update for each, nothing falls, five of five and none failed at the end`, async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({ config: `fullyParallel: true, reporter: [['./follow.mjs']]`, server: '' }),
    'follow.mjs': FOLLOW,
    ...only(`
      import { test } from 'playwright-stacks';
      for (let task = 0; task < 5; task += 1)
        test('task ' + task, async ({ db }) => void (await db.query('INSERT INTO items (name) VALUES ($1)', [String(task)])));
    `),
    'begun/none': '',
  };
  const mini = await project('mini', { files, mayWrite: ['begun/'] });
  for (let round = 0; round < ROUNDS; round += 1) {
    const { exitCode, output } = await run(mini, ['--workers=2']);
    expect(exitCode, output).toBe(0);
    expectSteps(await mini.read('begun/updates'), 5);
    const { progress } = JSON.parse(await mini.read('begun/last'));
    expect(progress).toMatchObject({ total: 5, waiting: 0, running: 0, completed: 5, failed: 0 });
  }
});
