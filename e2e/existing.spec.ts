// A server of the user's: what of libpq's ways to reach it holds, what is refused, and how its connections are shared.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import getPort from 'get-port';
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { root } from './harness/home.ts';
import { expect, test } from './harness/role.ts';
import type { RunResult } from './harness/test.ts';

const config = (database = miniDatabase, options = '') =>
  configText({ database: `url: process.env.TEST_URL, ${database}`, config: options });

test('TLS as libpq has it, a password from PGPASSWORD, a role with only CREATEDB', { tag: '@matrix' }, async ({
  project,
  run,
  role,
  existingServer,
}) => {
  const { name } = await role('CREATEDB', 'encrypted'); // refused without TLS
  const spec = `
    import { expect, test } from 'playwright-stacks';
    test('encrypted', async ({ db, stack }) => {
      const { rows } = await db.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      expect(rows).toEqual([{ ssl: true }]);
      expect(stack.db.url).toContain('sslmode=verify-full&sslrootcert=');
      // Capture was told that other roles are on this server: what comes of that is in src/run/planted-meanwhile.test.ts.
      const { rows: [others] } = await db.query("SELECT prosrc FROM pg_proc WHERE proname = 'is_of_others'");
      expect(others.prosrc).toContain('SELECT true AND');
    });
  `;
  const mini = await project('mini', { files: { 'playwright.config.ts': config(), ...only(spec) } });
  const at = `postgresql://${name}@localhost:${existingServer.port}/postgres`;
  const TEST_URL = `${at}?sslmode=verify-full&sslrootcert=${existingServer.certificate}`;
  const result = await run(mini, [], { env: { TEST_URL, PGPASSWORD: 'p@ss:w/ord' } });
  expect(result.output).toContain('1 passed');
  const why = 'there is no extension pg_stat_statements in the database "postgres"';
  expect(result.output.split(`the statements of tests are not counted: ${why}; `)).toHaveLength(2);

  // `require` asks for TLS and believes any certificate; `verify-full` wants the name in it to be the host's.
  const other = TEST_URL.replace('localhost', '127.0.0.1');
  const refused = await run(mini, [], { env: { TEST_URL: other, PGPASSWORD: 'p@ss:w/ord' } });
  expect(refused.output).toContain('DATABASE_UNREACHABLE: Postgres at 127.0.0.1');
  expect(refused.output).toContain('altnames');
  expect(refused.exitCode).toBe(1);
});

test('a pooler that gives each transaction another session is refused', async ({
  project,
  run,
  role,
  existingServer,
}) => {
  await role('CREATEDB', 'pooled');
  const port = await getPort();
  const pooler = await startProgram('pooler', port, existingServer.port);
  const mini = await project('mini', { files: { 'playwright.config.ts': config() } });
  const TEST_URL = `postgresql://pooled@127.0.0.1:${port}/postgres`;
  const { output, exitCode } = await run(mini, [], { env: { TEST_URL } });
  pooler.kill();
  expect(output).toContain(`DATABASE_UNFIT: a connection pooler answers at 127.0.0.1:${port}, not Postgres itself.`);
  expect(output).toContain('let `database.url` name the server behind it');
  expect(exitCode).toBe(1);
});

async function startProgram(name: string, ...args: readonly unknown[]): Promise<ChildProcess> {
  const program = spawn(process.execPath, [path.join(root, `fixtures/programs/${name}.mjs`), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (program.stdout) await once(program.stdout, 'data');
  return program;
}

test('stacks that do not fit into the connections that are allowed wait for others, and say so', {
  tag: '@matrix',
}, async ({ project, start, role }) => {
  // Room for three stacks of 5, and for what two runs need beside them.
  const { url } = await role('CREATEDB CONNECTION LIMIT 17');
  const files = { 'playwright.config.ts': config(`connections: 5, ${miniDatabase}`) };
  const mini = await project('mini', { files, mayWrite: ['one/', 'two/'] });
  const env = { TEST_URL: url };
  const runs = await Promise.all(
    ['one', 'two'].map((name) => start(mini, [`--output=${name}`], { env, timeout: 120_000 })),
  );
  const results = await Promise.all(runs.map(({ done }) => done));
  for (const { output } of results) expect(output).toContain('8 passed');
  const waits = results.flatMap(({ events }) => events.filter(({ type }) => type === 'stack-waits'));
  expect(waits.length).toBeGreaterThan(0);
  expect(mostOpen(results)).toBeLessThanOrEqual(3);
  expect(results.map(({ output }) => output).join()).toMatch(
    /slot \d is waiting for free connections: \d+ of the 17 connections of the server are free, and a stack may need 5 \(`database\.connections`\)/,
  );
});

test('a stack that no worker uses any more makes room for one of another run', { tag: '@matrix' }, async ({
  project,
  start,
  role,
}) => {
  const { url } = await role('CREATEDB CONNECTION LIMIT 12'); // two stacks of 5
  const waiting = `
    import { test } from '@playwright/test';
    import { existsSync } from 'node:fs';
    test('waits', async () => {
      while (process.env.WAITS && !existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 50));
    });
  `;
  const files = {
    'playwright.config.ts': config(`connections: 5, ${miniDatabase}`, 'timeout: 100_000,'),
    ...only(waiting),
    'e2e/b.spec.ts': `import { test } from '@playwright/test'; test('ends at once', () => {});`,
  };
  const mini = await project('mini', { files, mayWrite: ['go', 'one/', 'two/'] });
  const env = { TEST_URL: url };
  const first = await start(mini, ['--output=one'], { env: { ...env, WAITS: '1' }, timeout: 120_000 });
  await first.waitForEvent(({ type }) => type === 'released', 60_000);
  const second = await start(mini, ['--output=two', '--workers=1'], { env, timeout: 120_000 });
  const { output, events } = await second.done;
  expect(output).toContain('2 passed');
  expect(events.map(({ type }) => type)).toContain('stack-waits');
  expect(first.ended()).toBe(false);
  await mini.write('go', '');
  expect((await first.done).output).toContain('2 passed');
});

/** How many stacks of all runs were open at once. */
function mostOpen(results: readonly RunResult[]): number {
  const steps = results
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === 'stack-opened' || type === 'stack-closed')
    .sort((a, b) => a.at - b.at);
  let [open, most] = [0, 0];
  for (const { type } of steps) {
    open += type === 'stack-opened' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
}

test('a server that cannot be used is one clear error, before anything is made', async ({
  project,
  run,
  role,
  existingServer,
}) => {
  const { url } = await role('CREATEDB CONNECTION LIMIT 6');
  const mini = await project('mini', { files: { 'playwright.config.ts': config() } });
  const at = new URL(url).host;
  const refusals = {
    [url]: `DATABASE_FULL: Postgres at ${at} allows 6 connections, and a stack may need 8.`,
  };
  const databases = () => existingServer.adminQuery('SELECT oid FROM pg_database');
  const before = await databases();
  for (const [TEST_URL, message] of Object.entries(refusals)) {
    const { output, exitCode } = await run(mini, [], { env: { TEST_URL } });
    expect(output).toContain(message);
    expect(output).not.toMatch(/Running \d+ test|p@ss/);
    expect(exitCode).toBe(1);
  }
  expect(await databases()).toEqual(before);
});
