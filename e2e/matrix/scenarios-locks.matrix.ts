// Locks, round after round in one run, with the same workers.
import { configText, only } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';
import { expectAll, ROUND, ROUNDS, timeout } from './rounds.ts';

test.describe.configure({ timeout: timeout + 60_000 });
const config = (more: string) => ({
  'playwright.config.ts': configText({ config: `fullyParallel: true, timeout: 60_000, ${more}`, server: '' }),
});

test(`eight tasks, one file, one lock, ${ROUNDS} times: eight lines in the order in which they asked`, async ({
  project,
  run,
}) => {
  const files = {
    ...config(''),
    ...only(`${ROUND}
      for (const round of rounds) for (let task = 0; task < 8; task += 1) {
        test(round + ' task ' + task, async ({ lock, stack }) => {
          const file = 'the file of round ' + round + ' in ' + process.cwd();
          if (task > 0) await untilQueued(stack, file, round + ' task ' + (task - 1));
          await using held = await lock(file);
          if (task === 0) await untilQueued(stack, file, round + ' task 7');
          writeFileSync('begun/alone-' + round, '', { flag: 'wx' });
          const lines = 'begun/lines-' + round;
          const before = existsSync(lines) ? readFileSync(lines, 'utf8') : '';
          await new Promise(setImmediate);
          writeFileSync(lines, before + task + '\\n');
          rmSync('begun/alone-' + round);
        });
      }
    `),
    'begun/none': '',
  };
  const mini = await project('mini', { files, mayWrite: ['begun/'] });
  const result = await run(mini, ['--workers=8'], { report: 'json', timeout });
  expectAll(result, { expected: 8 * ROUNDS, flaky: 0 });
  for (let round = 0; round < ROUNDS; round += 1)
    expect(await mini.read(`begun/lines-${round}`)).toBe('0\n1\n2\n3\n4\n5\n6\n7\n');
});

test(`two tests that lock in opposite order, ${ROUNDS} times: one is refused, the other goes on`, async ({
  project,
  run,
}) => {
  const files = {
    ...config(''),
    ...only(`${ROUND}
      const mine = (name, round) => name + ' ' + round + ' ' + process.cwd();
      for (const round of rounds) for (const [own, other] of [['x', 'y'], ['y', 'x']]) {
        test(round + ' locks ' + own + ' first', async ({ lock }) => {
          await lock(mine(own, round));
          await allBegan(round, own, 2);
          const began = Date.now();
          const outcome = await lock(mine(other, round), { timeout: 15_000 }, () => 'went on').catch(({ message }) => message);
          appendFileSync('begun/outcomes-' + round, JSON.stringify({ outcome, ms: Date.now() - began }) + '\\n');
        });
      }
    `),
    'begun/none': '',
  };
  const mini = await project('mini', { files, mayWrite: ['begun/'] });
  const result = await run(mini, ['--workers=2'], { report: 'json', timeout });
  expectAll(result, { expected: 2 * ROUNDS, flaky: 0 });
  let longest = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = (await mini.read(`begun/outcomes-${round}`)).trim().split('\n');
    const outcomes = lines.map((line): { outcome: string; ms: number } => JSON.parse(line));
    const refused = outcomes.filter(({ outcome }) => outcome.startsWith('LOCK_DEADLOCK: '));
    expect(refused).toHaveLength(1);
    for (const name of ['x', 'y']) {
      expect(refused[0]?.outcome).toContain(`${round} locks ${name} first" waits for lock`);
      expect(refused[0]?.outcome).toContain(`waits for lock '${name} ${round} `);
    }
    expect(outcomes.filter(({ outcome }) => outcome === 'went on')).toHaveLength(1);
    longest = Math.max(longest, ...refused.map(({ ms }) => ms));
  }
  test.info().annotations.push({ type: 'longest refusal', description: `${longest} ms` });
});
