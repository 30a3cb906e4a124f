// `keep` beside what else a suite may do: hooks, groups, several databases, set-up projects, roles, ends of a run.
import pg from 'pg';
import { type Cli, test } from '../harness/cli.ts';
import { configText, miniDatabase, only } from '../harness/config-text.ts';
import { expect, type Project, type RunResult } from '../harness/test.ts';

const imports = `
  import { expect, test } from '@playwright/test';
  import pg from 'pg';
  const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);
  const add = (request, data) => request.post('/items', { data });
`;
const existing = `url: process.env.TEST_URL, ${miniDatabase}`;

function files(spec: string, text: Parameters<typeof configText>[0] = {}): Record<string, string> {
  const options = `keep: 'on-failure', ${text.options ?? ''}`;
  return { ...only(imports + spec), 'playwright.config.ts': configText({ ...text, options }) };
}

function keptIn({ events }: RunResult): string[] {
  return events.flatMap((event) => (event.type === 'kept' ? [event.name] : []));
}

function notKeptIn({ events }: RunResult): string[] {
  return events.flatMap((event) => (event.type === 'not-kept' ? [`${event.what}: ${event.why}`] : []));
}

async function query(connectionString: string, sql = 'SELECT name FROM items ORDER BY id'): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** What `psql` opens. */
async function read(cli: Cli, { folder }: Project, name: string, sql?: string): Promise<unknown[]> {
  const psql = await cli(['psql', name], { cwd: folder });
  await expect.poll(() => psql.output(), { timeout: 20_000 }).toContain('until you press Ctrl-C');
  try {
    return await query(psql.stdout().trim(), sql);
  } finally {
    process.kill(psql.pid, 'SIGTERM');
    await psql.exit;
  }
}

/** What `psql` prints of a living run's slot. */
async function urlOfSlot(cli: Cli, { folder }: Project): Promise<string> {
  const psql = await cli(['psql'], { cwd: folder });
  await psql.exit;
  return psql.stdout().trim();
}

async function clean(cli: Cli, { folder }: Project, env: Record<string, string> = {}): Promise<string> {
  const child = await cli(['clean'], { cwd: folder, env });
  await child.exit;
  return child.output();
}

test.describe('keep', () => {
  test('several databases are kept together', async ({ project, run, cli }) => {
    const spec = `
      test('fails', async ({ request }) => {
        await add(request, 'left');
        const client = new pg.Client(process.env.AUDIT_DATABASE_URL);
        await client.connect();
        await client.query("INSERT INTO entries VALUES ('left, too')");
        await client.end();
        expect(1).toBe(2);
      });`;
    const options = `databases: { main: { ${miniDatabase} }, audit: { migrate: 'node sql.mjs audit', inputs: ['audit/**'] } }`;
    const texts = files(spec, { options });
    texts['playwright.config.ts'] = (texts['playwright.config.ts'] ?? '').replace(/database: \{.*\},\n/, '');
    const mini = await project('mini', { files: { ...texts, 'audit/1.sql': 'CREATE TABLE entries (text text)' } });
    const [name = ''] = keptIn(await run(mini));
    expect(await read(cli, mini, name)).toEqual(['seeded', 'left']);
    const dev = await cli(['dev', '--kept', name], { cwd: mini.folder });
    await expect.poll(() => dev.output(), { timeout: 20_000 }).toContain('Ctrl-C ends it.');
    const url = new URL(await urlOfSlot(cli, mini));
    url.pathname = `${url.pathname}__audit`;
    expect(await query(url.href, 'SELECT text FROM entries')).toEqual(['left, too']);
    process.kill(-dev.pid, 'SIGINT');
    await dev.exit;
    await clean(cli, mini);
  });

  test('with always, groups find what is theirs', async ({ project, run, cli }) => {
    const spec = `
      test.beforeAll(() => {});
      test.describe.serial('in a row', () => {
        test('one', ({ request }) => add(request, 'one'));
        test('two', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));
      });
      test('between', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
      test.describe('a file', { annotation: { type: 'isolation', description: 'file' } }, () => {
        test('three', ({ request }) => add(request, 'three'));
        test('four', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'three']));
      });
      test.skip('skipped', () => {});`;
    const mini = await project('mini', { files: files(spec) });
    const result = await run(mini, ['--workers=1'], { env: { STACKS_KEEP: 'always' } });
    expect(result.output).toContain('5 passed');
    expect(keptIn(result)).toHaveLength(5);
    await clean(cli, mini);
  });

  test('a serial group that fails, a hook that fails, a timeout, a retry, an expected failure', async ({
    project,
    run,
    cli,
  }) => {
    const spec = `
      test.describe.serial('in a row', () => {
        test('one', ({ request }) => add(request, 'one'));
        test('two', async ({ request }) => { await add(request, 'two'); expect(1).toBe(2); });
        test('three', () => {});
      });
      test.describe('hooked', () => {
        test.beforeAll(async ({ playwright }) => {
          const request = await playwright.request.newContext({ baseURL: process.env.PLAYWRIGHT_TEST_BASE_URL });
          await add(request, 'hook');
          throw new Error('hook');
        });
        test('never begins', () => {});
      });
      test.describe(() => {
        test.describe.configure({ timeout: 1500, retries: 1 });
        test('hangs', async ({ request }) => { await add(request, 'hung'); await new Promise(() => {}); });
      });
      test('is to fail', () => { test.fail(); expect(1).toBe(2); });`;
    const mini = await project('mini', { files: files(spec) });
    const result = await run(mini, ['--workers=1'], { timeout: 90_000 });
    const kept = keptIn(result);
    expect(kept).toHaveLength(4);
    const found = await Promise.all(kept.map((name) => read(cli, mini, name)));
    expect(found).toEqual([
      ['seeded', 'one', 'two'],
      ['seeded', 'hook'],
      ['seeded', 'hung'],
      ['seeded', 'hung'],
    ]);
    await clean(cli, mini);
  });

  test('DDL is kept, and costs a fresh clone as ever; what a server that ended has left is kept', async ({
    project,
    run,
    cli,
  }) => {
    const spec = `
      test('alters', async () => {
        const client = new pg.Client();
        await client.connect();
        await client.query("ALTER TABLE items RENAME TO things");
        await client.end();
        expect(1).toBe(2);
      });
      test('begins anew', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
      test('ends the application', async ({ request }) => {
        await add(request, 'before the end');
        await request.post('/exit').catch(() => {});
        expect(1).toBe(2);
      });
      test('begins anew, too', async ({ request }) => expect(await names(request)).toEqual(['seeded']));`;
    const mini = await project('mini', { files: files(spec) });
    const result = await run(mini, ['--workers=1']);
    expect(result.output).toContain('2 passed');
    const [altered = '', crashed = ''] = keptIn(result);
    expect(await read(cli, mini, altered, 'SELECT name FROM things')).toEqual(['seeded']);
    const dev = await cli(['dev', '--kept', altered], { cwd: mini.folder });
    await expect.poll(() => dev.output(), { timeout: 30_000 }).toContain('Ctrl-C ends it.');
    process.kill(-dev.pid, 'SIGINT');
    await dev.exit;
    expect(await read(cli, mini, crashed)).toEqual(['seeded', 'before the end']);
    await clean(cli, mini);
  });

  test('a set-up project that fails', async ({ project, run, cli }) => {
    const config = `projects: [{ name: 'setup', testMatch: 'a.spec.ts' }, { name: 'rest', testMatch: 'b.spec.ts', dependencies: ['setup'] }]`;
    const spec = `test('fails', async ({ request }) => { await add(request, 'left'); expect(1).toBe(2); });`;
    const mini = await project('mini', { files: files(spec, { config }) });
    const [name = ''] = keptIn(await run(mini, ['--workers=1']));
    expect(await read(cli, mini, name)).toEqual(['seeded', 'left']);
    await clean(cli, mini);
  });

  test('connections of the test’s own are ended; what cannot be kept is told, and the run goes on', async ({
    project,
    run,
    cli,
    existingServer,
  }) => {
    const spec = `
      const pool = new pg.Pool();
      pool.on('error', () => {});
      test('fails', async () => { await pool.query("INSERT INTO items (name) VALUES ('left')"); expect(1).toBe(2); });
      test('takes the name', async () => {
        const [, run] = process.env.PGDATABASE.split('_');
        await pool.query('CREATE DATABASE stk_kept_' + run + '_2');
        expect(1).toBe(2);
      });
      test('passes', async ({ request }) => expect(await names(request)).toEqual(['seeded']));`;
    const env = { TEST_URL: existingServer.url };
    const mini = await project('mini', { files: files(spec, { database: existing }) });
    const result = await run(mini, ['--workers=1'], { env });
    expect(result.output).toContain('1 passed');
    const [name = ''] = keptIn(result);
    const taken = name.replace(/1$/, '2');
    expect(notKeptIn(result)).toEqual([
      expect.stringContaining(`the database of 'takes the name': DATABASE_UNFIT: there is a database "${taken}"`),
    ]);
    await existingServer.adminQuery(`DROP DATABASE ${taken}`);
    await clean(cli, mini, { STACKS_DATABASE_URL: existingServer.url });
  });

  test('a role with only CREATEDB', async ({ project, run, cli, existingServer }) => {
    await existingServer.adminQuery("CREATE ROLE keeper LOGIN CREATEDB PASSWORD 'keeper'");
    const url = new URL(existingServer.url);
    url.username = url.password = 'keeper';
    const spec = `test('fails', async ({ request }) => { await add(request, 'left'); expect(1).toBe(2); });
      test('passes', async ({ request }) => expect(await names(request)).toEqual(['seeded']));`;
    const mini = await project('mini', { files: files(spec) });
    const env = { STACKS_DATABASE_URL: url.href };
    const result = await run(mini, ['--workers=1'], { env });
    expect(result.output).toContain('1 passed');
    const psql = await cli(['psql', keptIn(result)[0] ?? ''], { cwd: mini.folder, env });
    await psql.exit;
    expect(await query(psql.stdout().trim())).toEqual(['seeded', 'left']);
    const dev = await cli(['dev', '--kept', keptIn(result)[0] ?? ''], { cwd: mini.folder, env });
    await expect.poll(() => dev.output(), { timeout: 20_000 }).toContain('Ctrl-C ends it.');
    expect(await query(await urlOfSlot(cli, mini))).toEqual(['seeded', 'left']);
    process.kill(-dev.pid, 'SIGINT');
    await dev.exit;
    expect(await clean(cli, mini, env)).toContain('removed stk_kept_');
    for (const { datname } of await existingServer.adminQuery(
      `SELECT datname FROM pg_database WHERE datdba = 'keeper'::regrole`,
    )) {
      await existingServer.adminQuery(`ALTER DATABASE "${datname}" IS_TEMPLATE false`);
      await existingServer.adminQuery(`DROP DATABASE "${datname}"`);
    }
    await existingServer.adminQuery('DROP OWNED BY keeper; DROP ROLE keeper');
  });

  test('what was kept before Ctrl-C is there after it; a killed psql leaves nothing', async ({
    project,
    start,
    cli,
  }) => {
    const spec = `
      test('fails', async ({ request }) => { await add(request, 'left'); expect(1).toBe(2); });
      test('waits', () => new Promise(() => {}));`;
    const mini = await project('mini', { files: files(spec) });
    const running = await start(mini, ['--workers=1', '--timeout=0']);
    await running.waitForEvent((event) => event.type === 'test-began' && event.test.title === 'waits', 60_000);
    running.kill('SIGINT');
    const kept = keptIn(await running.done);
    expect(kept).toHaveLength(1);
    const psql = await cli(['psql', kept[0] ?? ''], { cwd: mini.folder });
    await expect.poll(() => psql.output(), { timeout: 20_000 }).toContain('until you press Ctrl-C');
    expect(await query(psql.stdout().trim())).toEqual(['seeded', 'left']);
    process.kill(psql.pid, 'SIGKILL');
    await psql.exit;
    expect(await clean(cli, mini)).toContain(`removed ${kept[0]}`);
  });

  for (const server of ['embedded', 'existing'] as const) {
    test(`a living run, which clean leaves alone; its runner is killed; ${server}`, async ({
      project,
      start,
      cli,
      existingServer,
    }) => {
      const env = { TEST_URL: existingServer.url };
      const spec = `
        test('fails', async ({ request }) => { await add(request, 'left'); expect(1).toBe(2); });
        test('waits', () => new Promise(() => {}));`;
      const database = server === 'existing' ? existing : miniDatabase;
      const mini = await project('mini', { files: files(spec, { database }) });
      const running = await start(mini, ['--workers=1', '--timeout=0'], { env });
      const kept = await running.waitForEvent(({ type }) => type === 'kept');
      await running.waitForEvent((event) => event.type === 'test-began' && event.test.title === 'waits', 60_000);
      const { name } = kept as { name: string };
      const psql = await cli(['psql', name], { cwd: mini.folder });
      await psql.exit;
      expect(await query(psql.stdout().trim())).toEqual(['seeded', 'left']);
      const dev = await cli(['dev', '--kept', name], { cwd: mini.folder, env: server === 'embedded' ? env : {} });
      if (server === 'embedded') {
        expect((await dev.exit).exitCode).toBe(1);
        expect(dev.output()).toContain('dev --kept: its run has not ended');
      } else {
        process.kill(-dev.pid, 'SIGINT');
        await dev.exit;
      }
      const named = { STACKS_DATABASE_URL: existingServer.url };
      expect(await clean(cli, mini, named)).toBe('Nothing to clean up.\n');
      running.kill('SIGKILL');
      await running.done;
      if (server === 'existing')
        await expect.poll(() => clean(cli, mini, named), { timeout: 10_000 }).toContain(`removed ${name}`);
    });
  }
});
