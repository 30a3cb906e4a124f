// The runner ends without its teardown: the reaper leaves nothing of the run within five seconds (what follows every e2e
// test checks that), and the run next to it does not notice.
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

const waits = only(`
  import { test } from '@playwright/test';
  test('waits', async ({ request }) => {
    await request.get('/whoami');
    await new Promise(() => {});
  });
`);
const existing = configText({
  database: `url: process.env.TEST_URL, ${miniDatabase}`,
  server: `{ command: 'node app.mjs', url: '/healthz', restart: 'test', spares: 2 }`,
});

// With an embedded server: ends.spec.ts.
test('SIGKILL while tests run, with servers that are started ahead, existing server', async ({
  project,
  start,
  existingServer,
}) => {
  const files = { ...waits, 'playwright.config.ts': existing };
  const env = { TEST_URL: existingServer.url };
  const running = await start(await project('mini', { files }), ['--workers=1'], { env });
  await running.waitForEvent((event) => event.type === 'test-began', 60_000);
  running.kill('SIGKILL', 'runner');
  await running.done;
});

test('a second Ctrl-C', { tag: '@matrix' }, async ({ project, start }) => {
  const running = await start(await project('mini', { files: waits }), ['--workers=1']);
  await running.waitForEvent((event) => event.type === 'test-began');
  running.kill('SIGINT', 'group');
  const interval = setInterval(() => running.kill('SIGINT', 'group'), 300);
  await running.done;
  clearInterval(interval);
});

test('--global-timeout', { tag: '@matrix' }, async ({ project, run }) => {
  const result = await run(await project('mini', { files: waits }), ['--workers=1', '--global-timeout=4000']);
  expect(result.exitCode).toBe(1);
});

for (const [phase, database, server] of [
  ['migrating', "url: process.env.TEST_URL, migrate: 'touch began; sleep 1000'", ''],
  [
    'booting a server that ignores SIGTERM',
    `url: process.env.TEST_URL, ${miniDatabase}`,
    'touch began; trap "" TERM; sleep 1000 & wait',
  ],
] as const) {
  test(`SIGKILL while ${phase}`, { tag: '@matrix' }, async ({ project, start, existingServer }) => {
    const command = server && `{ command: ${JSON.stringify(server)} }`;
    const files = { 'playwright.config.ts': configText({ database, server: command }) };
    const mini = await project('mini', { files, mayWrite: ['began'] });
    const running = await start(mini, [], { env: { TEST_URL: existingServer.url } });
    await expect.poll(() => mini.read('began').catch(() => 'not yet'), { timeout: 30_000 }).toBe('');
    running.kill('SIGKILL');
    await running.done;
  });
}

test('a run ends cleanly whose reaper was killed', { tag: '@matrix' }, async ({ project, start }) => {
  const passes = only(`
    import { existsSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    test('passes', () => expect.poll(() => existsSync('killed')).toBe(true));
  `);
  const mini = await project('mini', { files: passes });
  const running = await start(mini, ['--workers=1']);
  const began = await running.waitForEvent((event) => event.type === 'run-started');
  await running.waitForEvent((event) => event.type === 'test-began');
  if (began.type === 'run-started') process.kill(began.reaper, 'SIGKILL');
  await mini.write('killed', '');
  expect(await running.done).toMatchObject({ exitCode: 0 });
});

for (const server of ['embedded', 'existing'] as const) {
  test(`what is left when the reaper is killed as well, the next run removes; ${server} server`, {
    tag: '@matrix',
  }, async ({ project, start, run, existingServer }) => {
    const config = server === 'existing' ? existing : configText();
    const env = { TEST_URL: existingServer.url };
    const mini = await project('mini', { files: { ...waits, 'playwright.config.ts': config } });
    const running = await start(mini, ['--workers=1'], { env });
    const began = await running.waitForEvent((event) => event.type === 'run-started');
    await running.waitForEvent((event) => event.type === 'test-began');
    if (began.type === 'run-started') process.kill(began.reaper, 'SIGKILL');
    running.kill('SIGKILL');
    await running.done;

    await mini.write('e2e/a.spec.ts', `import { test } from '@playwright/test'; test('passes', () => {});`);
    const next = await run(mini, [], { env });
    expect(next.exitCode).toBe(0);
    const swept = next.events.flatMap((event) => (event.type === 'swept' ? event.removed : []));
    expect(swept).toContainEqual(expect.stringContaining('/stk-'));
  });
}

test('a run on the same server does not notice that another is killed, and swept', { tag: '@matrix' }, async ({
  project,
  start,
  run,
  existingServer,
}) => {
  const env = { TEST_URL: existingServer.url };
  const mini = await project('mini', { files: { ...waits, 'playwright.config.ts': existing }, mayWrite: ['killed'] });
  await mini.write(
    'e2e/b.spec.ts',
    `
    import { existsSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    test('goes on', async ({ request }) => {
      test.setTimeout(90_000);
      const before = await (await request.get('/whoami')).json();
      await expect.poll(() => existsSync('killed'), { timeout: 60_000 }).toBe(true);
      expect(await (await request.get('/whoami')).json()).toEqual(before);
    });
  `,
  );
  const other = await start(mini, ['b.spec', '--workers=1'], { env, timeout: 120_000 });
  await other.waitForEvent((event) => event.type === 'test-began');
  const killed = await start(mini, ['a.spec', '--workers=1'], { env });
  await killed.waitForEvent((event) => event.type === 'test-began');
  killed.kill('SIGKILL');
  const third = await run(mini, ['c.spec', '--pass-with-no-tests'], { env });
  expect(third.exitCode).toBe(0);
  await mini.write('killed', '');
  expect(await other.done).toMatchObject({ exitCode: 0 });
});
