// The ends of a run: everything is removed (every e2e test checks that), and other tests' failures stay readable.
import { existsSync } from 'node:fs';
import { configText, miniDatabase } from './harness/config-text.ts';
import { processesMarked } from './harness/processes.ts';
import { expect, test } from './harness/role.ts';

const waits = (body = '') => `
  import { test } from '@playwright/test';
  test('waits', async () => new Promise(() => {}));
  ${body}
`;

test('Ctrl-C while tests run ends the run and leaves nothing', async ({ project, run }) => {
  const mini = await project('mini', { files: { 'e2e/a.spec.ts': waits(), 'e2e/b.spec.ts': waits() } });
  const result = await run(mini, [], {
    signalAt: { signal: 'SIGINT', to: 'group', when: (event) => event.type === 'test-began' },
  });
  expect(result.exitCode).toBe(130);
  expect(result.events.some(({ type }) => type === 'run-ended')).toBe(true);
});

for (const [phase, database, server] of [
  ['build', miniDatabase, undefined],
  ['booting the server', miniDatabase, "{ command: 'touch began; sleep 1000' }"],
] as const) {
  test(`Ctrl-C while ${phase} ends the run and leaves nothing`, { tag: '@matrix' }, async ({ project, start }) => {
    const options = phase === 'build' ? "build: 'touch began; sleep 1000'," : '';
    const text = configText({ database, options, ...(server && { server }) });
    const mini = await project('mini', { files: { 'playwright.config.ts': text }, mayWrite: ['began'] });
    const running = await start(mini, []);
    await expect.poll(() => mini.read('began').catch(() => 'not yet'), { timeout: 60_000 }).toBe('');
    running.kill('SIGINT', 'group');
    const result = await running.done;
    expect(result.exitCode).not.toBe(0);
    expect(result.output).not.toMatch(/Running \d+ test/);
    expect(result.events.some(({ type }) => type === 'run-ended')).toBe(true);
  });
}

test('Ctrl-C while a server is started again is nobody’s failure', { tag: '@matrix' }, async ({ project, start }) => {
  const server = `{ command: 'test -e began && touch again; touch began; sleep 1; node app.mjs', url: '/healthz', restart: 'file', spares: 0 }`;
  const files = { 'playwright.config.ts': configText({ server }) };
  const mini = await project('mini', { files, mayWrite: ['began', 'again'] });
  const running = await start(mini, ['--workers=1']);
  await expect.poll(() => mini.read('again').catch(() => 'not yet'), { timeout: 60_000 }).toBe('');
  running.kill('SIGINT', 'group');
  const result = await running.done;
  expect(result.output).not.toContain('RUN_BROKEN');
  expect(result.exitCode).toBe(130);
});

test('Postgres and its data go with a runner that is killed', async ({ project, start, sandbox }) => {
  const mini = await project('mini', { files: { 'e2e/a.spec.ts': waits() } });
  const running = await start(mini, ['a.spec.ts']);
  const ready = await running.waitForEvent((event) => event.type === 'postgres-ready');
  await running.waitForEvent((event) => event.type === 'test-began');
  running.kill('SIGKILL');
  await running.done;
  const postgres = () => processesMarked([sandbox.scope.tag]).filter(({ name }) => name === 'postgres');
  await expect.poll(postgres, { timeout: 5_000 }).toEqual([]);
  const data = ready.type === 'postgres-ready' ? ready.folder : undefined;
  expect(data).toMatch(/stk-\w+-pg-\w{6}$/);
  await expect.poll(() => existsSync(data ?? ''), { timeout: 5_000 }).toBe(false);
});

test('a database that cannot be dropped is named, and the rest is removed all the same', { tag: '@matrix' }, async ({
  project,
  run,
  role,
  existingServer,
}) => {
  const { url } = await role('CREATEDB');
  const files = {
    'playwright.config.ts': configText({
      database: `url: process.env.TEST_URL, ${miniDatabase}`,
      options: `allowDatabases: ['ADMIN_URL'],`,
    }),
    'e2e/a.spec.ts': `
      import { test } from 'playwright-stacks';
      import pg from 'pg';
      test('takes it over', async ({ stack }) => {
        const client = new pg.Client(process.env.ADMIN_URL);
        await client.connect();
        await client.query('ALTER DATABASE ' + stack.key + ' OWNER TO postgres');
        await client.end();
      });
    `,
  };
  const mini = await project('mini', { files });
  const result = await run(mini, ['a.spec.ts'], { env: { TEST_URL: url, ADMIN_URL: existingServer.url } });
  expect(result.output).toContain('TEARDOWN_FAILED');
  expect(result.output).toMatch(/drop database (stk_\w+_0): must be owner of database \1/);
  expect(result.output).toContain('npx playwright-stacks clean');
  expect(result.exitCode).toBe(1);
  // The next run tries again.
  for (const { datname } of await existingServer.adminQuery(
    "SELECT datname FROM pg_database WHERE datname LIKE 'stk\\_%\\_0'",
  )) {
    await existingServer.adminQuery(`DROP DATABASE ${datname}`);
  }
  expect((await run(mini, ['b.spec.ts'], { env: { TEST_URL: url } })).exitCode).toBe(0);
});
