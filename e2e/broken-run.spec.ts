// What breaks at the start or in mid-run: the first test to meet it fails with the error, the rest is skipped, the exit code is 1.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('a stack that cannot be opened fails one test with the error, and skips the rest with the reason', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const files = {
    // The first start of slot 0 works; every later one fails.
    'playwright.config.ts': configText({
      server: `{ command: 'test ! -e started && touch started && exec node app.mjs', url: '/healthz', restart: 'file' }`,
    }),
  };
  const mini = await project('mini', { files, mayWrite: ['started'] });
  const result = await run(mini, ['--workers=1', '--retries=1'], { report: 'json' });
  expect(result.exitCode).toBe(1);
  expect(result.report?.stats).toMatchObject({ expected: 2, unexpected: 1, flaky: 0, skipped: 5 });
  expect(result.output).toContain('4 files: 1 passed, 1 failed, 2 cancelled');
  expect(result.output).toContain('SERVER_EXITED: server "web" of slot 0 exited with code 1');
  expect(result.output).toContain('RUN_BROKEN: slot 0 could not be opened; the tests after it were skipped.');
  // One new worker for the failure, not one for each skipped test.
  const workers = new Set(
    (result.report?.suites ?? []).flatMap((suite) =>
      suite.specs.flatMap((spec) => spec.tests.flatMap((each) => each.results.map((one) => one.workerIndex))),
    ),
  );
  expect(workers.size).toBeLessThanOrEqual(3);
});

test('a server that cannot start while others boot ends these; one test fails with the error, the rest is skipped', async ({
  project,
  run,
}) => {
  const command = 'if [ "$STACK_SLOT" = 2 ]; then echo no licence; exit 3; fi; exec sleep 1000';
  const files = {
    'playwright.config.ts': configText({ server: `{ command: ${JSON.stringify(command)}, url: '/healthz' }` }),
  };
  const result = await run(await project('mini', { files }), ['--workers=4', '--retries=1'], { report: 'json' });
  expect(result.exitCode).toBe(1);
  expect(result.report?.stats).toMatchObject({ expected: 0, unexpected: 1, flaky: 0 });
  expect(result.output).toMatch(/SERVER_EXITED: server "web" of slot 2 exited with code 3[\s\S]*\| no licence/);
  expect(result.output).toContain('RUN_BROKEN: slot 2 could not be opened; the tests after it were skipped.');
  expect(result.events.filter(({ type }) => type === 'run-broken')).toHaveLength(1);
  expect(result.events.filter(({ type }) => type === 'stack-opening')).toHaveLength(4);
  expect(result.events.filter(({ type }) => type === 'stack-opened')).toEqual([]);
});

test('a slot that is opened ahead, and that no test needs, breaks no run', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const command = 'if [ "$STACK_SLOT" = 1 ]; then echo no licence; exit 3; fi; exec node app.mjs';
  const files = {
    'playwright.config.ts': configText({ server: `{ command: ${JSON.stringify(command)}, url: '/healthz' }` }),
    ...only(`
      import { test } from 'playwright-stacks';
      for (const title of ['one', 'two']) test(title, ({ db }) => db.query('SELECT 1'));
    `),
  };
  const { exitCode, output, events } = await run(await project('mini', { files }), ['--workers=2']);
  expect(output).toContain('2 passed');
  expect(exitCode).toBe(0);
  expect(events.flatMap((event) => (event.type === 'stack-opening' ? [event.slot] : []))).toEqual([0, 1]);
});

test('Postgres that dies in mid-run breaks the run once', { tag: '@matrix' }, async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({
      database: `role: 'superuser', migrate: 'node sql.mjs migrations', seed: 'node sql.mjs seed', inputs: ['migrations/**']`,
    }),
    'e2e/a.spec.ts': `
      import { test } from 'playwright-stacks';
      test('ends Postgres', async ({ db }) => {
        await db.query("COPY (SELECT 1) TO PROGRAM 'kill -9 $(head -1 postmaster.pid)'").catch(() => {});
      });
    `,
  };
  const result = await run(await project('mini', { files }), ['--workers=1'], { report: 'json' });
  expect(result.exitCode).toBe(1);
  expect(result.output).toContain('POSTGRES_FAILED');
  expect(result.output).toContain('RUN_BROKEN');
});
