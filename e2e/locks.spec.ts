// Locks in a suite: across workers, beside timeouts, killed workers and deadlocks.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('locks hold across workers, end with their test, and wait without its time', async ({ project, run }) => {
  test.setTimeout(150_000); // five workers on a small machine
  const files = {
    'playwright.config.ts': configText({ config: 'fullyParallel: true, retries: 1', server: '' }),
    ...only(`
        import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
        import { expect, test } from 'playwright-stacks';
        const mine = (name) => name + ' ' + process.cwd();

        test.describe.configure({ mode: 'parallel' });
        for (let task = 0; task < 8; task++) {
          test('task ' + task, async ({ lock }) => {
            await using held = await lock(mine('file'));
            writeFileSync('alone', '', { flag: 'wx' });
            const before = existsSync('lines') ? readFileSync('lines', 'utf8') : '';
            await new Promise(setImmediate);
            writeFileSync('lines', before + task + '\\n');
            rmSync('alone');
          });
        }

        for (const [own, other] of [['x', 'y'], ['y', 'x']]) {
          test('locks ' + own + ' first', async ({ lock }) => {
            await lock(mine(own));
            writeFileSync('has-' + own, '');
            await expect.poll(() => existsSync('has-' + other)).toBe(true);
            const outcome = await lock(mine(other), { timeout: 20_000 }, () => 'went on').catch((error) => error.message);
            appendFileSync('outcomes', JSON.stringify(outcome) + '\\n');
          });
        }

        test('holds it for longer than the other test may take', async ({ lock }) => {
          await lock(mine('long'), async () => {
            writeFileSync('holds', '');
            await expect.poll(() => existsSync('waits')).toBe(true);
            const until = Date.now() + 1_100;
            await expect.poll(() => Date.now()).toBeGreaterThan(until);
          });
        });
        test('waits for longer than it may take', async ({ lock }, testInfo) => {
          await expect.poll(() => existsSync('holds')).toBe(true);
          const before = testInfo.timeout;
          writeFileSync('waits', '');
          await lock(mine('long'));
          expect(testInfo.timeout - before).toBeGreaterThan(1_000);
          await using again = await lock(mine('long'), { mode: 'read' });
          expect(testInfo.timeout - before).toBeLessThan(10_000);
        });

        test('its worker is killed', async ({ lock, stack }, { retry }) => {
          await lock(mine('killed'), { timeout: 20_000 });
          if (retry === 0) process.kill(process.pid, 'SIGKILL');
        });
    `),
  };
  const written = ['lines', 'outcomes', 'has-x', 'has-y', 'holds', 'waits'];
  const mini = await project('mini', { files, mayWrite: written });
  const { exitCode, report, events } = await run(mini, ['--workers=4'], { report: 'json', timeout: 120_000 });
  expect(report?.stats).toMatchObject({ expected: 12, flaky: 1, unexpected: 0 });
  expect(exitCode).toBe(0);
  expect((await mini.read('lines')).trim().split('\n').toSorted()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
  const outcomes = (await mini.read('outcomes'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(outcomes.toSorted()).toEqual(
    [expect.stringMatching(/^LOCK_DEADLOCK: .*locks x first.*locks y first/s), 'went on'].toSorted(),
  );
  const taken = events.filter(({ type }) => type === 'lock-taken');
  expect(taken).toHaveLength(8 + 3 + 3 + 2);
  expect(events.filter(({ type }) => type === 'lock-refused')).toHaveLength(1);
});
