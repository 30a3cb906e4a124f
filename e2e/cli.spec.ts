// `npx playwright-stacks …`, as it is installed.
import { once } from 'node:events';
import { createServer } from 'node:net';
import pg from 'pg';
import { test } from './harness/cli.ts';
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect } from './harness/test.ts';

const waits = only(`
  import { test } from '@playwright/test';
  test('waits', () => new Promise(() => {}));
`);
const existing = configText({ database: `url: process.env.TEST_URL, ${miniDatabase}` });

test('status and psql tell of a living run, clean leaves it alone; of a dead one clean leaves nothing', async ({
  project,
  start,
  cli,
  existingServer,
}) => {
  const env = { TEST_URL: existingServer.url };
  const mini = await project('mini', { files: { ...waits, 'playwright.config.ts': existing } });
  const inProject = { cwd: mini.folder, env: { STACKS_DATABASE_URL: existingServer.url } };
  const call = async (...args: string[]) => {
    const child = await cli(args, inProject);
    const { exitCode } = await child.exit;
    expect(child.stderr()).toBe('');
    expect(exitCode).toBe(0);
    return child.stdout();
  };
  const running = await start(mini, ['--workers=1'], { env });
  const began = await running.waitForEvent((event) => event.type === 'run-started');
  const opened = await running.waitForEvent((event) => event.type === 'stack-opened');
  if (began.type !== 'run-started' || opened.type !== 'stack-opened') throw new Error('other events');
  const { run, folder, reaper } = began;

  const json = await call('status', '--json');
  expect(JSON.parse(json)).toEqual({
    runs: [
      {
        ...{ run, folder, runner: 'running', pid: running.pid, root: mini.folder },
        seconds: expect.any(Number),
        postgres: `127.0.0.1:${existingServer.port}`,
        stacks: [{ slot: 0, variant: 'default', database: `stk_${run}_0`, bytes: expect.any(Number), url: opened.url }],
        processes: [{ title: 'server "web" of slot 0', pid: opened.servers[0]?.pid }],
        state: expect.objectContaining({ version: 1, run, phase: 'running' }),
      },
    ],
    kept: [],
  });
  const text = await call('status');
  expect(text).toMatch(new RegExp(`^run ${run}  running for \\d+ s, pid ${running.pid}\n`));
  expect(text).toMatch(new RegExp(`0 +default +\\d+\\.\\d MB +stk_${run}_0 +${opened.url}`));
  const password = new URL(existingServer.url).password;
  expect(json + text).not.toContain(password);

  const client = new pg.Client({ connectionString: (await call('psql', '0')).trim() });
  await client.connect();
  expect((await client.query('SELECT current_database() AS name')).rows).toEqual([{ name: `stk_${run}_0` }]);
  await client.end();
  expect(await call('clean')).toBe('Nothing to clean up.\n');

  const watching = await cli(['status', '--watch'], inProject);
  await expect.poll(() => watching.stdout()).toContain(`run ${run}  running  `);
  process.kill(reaper, 'SIGKILL');
  running.kill('SIGKILL');
  await running.done;
  expect((await watching.exit).exitCode).toBe(0);
  expect(await call('status')).toContain(`run ${run}  dead`);
  const would = await call('clean', '--dry-run');
  expect(would).toContain(`would remove database stk_${run}_0 at 127.0.0.1:${existingServer.port}\n`);
  expect(would).toContain(`would remove ${folder}\n`);
  expect(await call('clean')).toContain(`removed ${folder}\n`);
  expect(await call('status')).toBe('No runs.\n');
});

test('dev serves the application on a fresh database, by the variables that it reads, until Ctrl-C', async ({
  project,
  cli,
}) => {
  test.slow();
  const env = "env: { ITEMS_URL: 'postgresql://{user}:{password}@{host}:{port}/{database}' }";
  const config = configText({ database: `${miniDatabase}, ${env}` });
  const mini = await project('mini', { files: { 'playwright.config.ts': config } });
  for (const file of ['app.mjs', 'sql.mjs']) {
    await mini.write(file, (await mini.read(file)).replaceAll('env.DATABASE_URL', 'env.ITEMS_URL'));
  }
  const child = await cli(['dev'], { cwd: mini.folder });
  await expect.poll(() => child.output(), { timeout: 90_000 }).toContain('Ctrl-C ends it.');
  const url = /web +(http:\S+)/.exec(child.output())?.[1];
  expect(child.output()).toMatch(
    /DATABASE_URL {2}postgresql:\/\/app:\*{3}@\S+\n {2}psql {10}npx playwright-stacks psql 0\n/,
  );
  expect(await (await fetch(`${url}/items`)).json()).toHaveLength(1);
  process.kill(-child.pid, 'SIGINT');
  expect((await child.exit).exitCode).toBe(0);
  expect(child.stdout()).toMatch(/Ended: the servers are stopped, and the database is gone\.\n$/);
});

test('dev runs no test of a config without withStacks()', async ({ project, cli }) => {
  const { folder } = await project('plain');
  const child = await cli(['dev'], { cwd: folder });
  await child.exit;
  expect(child.output()).not.toContain('passed');
});

test('doctor says what is there, and what to do', async ({ project, cli, existingServer }) => {
  const { folder } = await project('mini');
  const well = await cli(['doctor'], { cwd: folder });
  expect((await well.exit).exitCode).toBe(0);
  expect(well.stdout()).toMatch(/^ok +Node +Node \d/);
  expect(well.stdout()).toMatch(/ok +Postgres +embedded 18/);

  await existingServer.adminQuery("CREATE ROLE poor LOGIN PASSWORD 'poor'");
  const url = new URL(existingServer.url);
  url.username = 'poor';
  url.password = 'poor';
  const ill = await cli(['doctor'], { cwd: folder, env: { STACKS_DATABASE_URL: url.href } });
  expect((await ill.exit).exitCode).toBe(1);
  expect(ill.stdout()).toContain('Postgres: run `ALTER ROLE "poor" CREATEDB` as a superuser there.');
  await existingServer.adminQuery('DROP ROLE poor');
});

test('doctor --app says what both slots write and share, and what is right', async ({
  project,
  cli,
  existingServer,
}) => {
  test.slow();
  const elsewhere = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const address = elsewhere.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const mini = await project('mini', { mayWrite: ['state.json'] });
  const app = await mini.read('app.mjs');
  await mini.write(
    'app.mjs',
    `import { writeFileSync } from 'node:fs'; import { connect } from 'node:net';
     writeFileSync('state.json', String(process.pid)); connect(${port}, '127.0.0.1');\n${app}
     const other = new pg.Client('${existingServer.url}');
     other.on('error', () => {});
     await other.connect();`,
  );
  const faulty = await cli(['doctor', '--app'], { cwd: mini.folder });
  expect((await faulty.exit).exitCode, faulty.output()).toBe(1);
  elsewhere.close();
  expect(faulty.stdout()).toMatch(/^ok +migrate, seed +built the template; given DATABASE_URL/m);
  expect(faulty.stdout()).toMatch(/^ok +server "web" +slot 0: port \d+, slot 1: port \d+; reads DATABASE_URL, PORT$/m);
  expect(faulty.stdout()).toMatch(/^ok +database\.migrate +reads DATABASE_URL$/m);
  expect(faulty.stdout()).toMatch(/^ok +server "web" +is on the database of its slot$/m);
  expect(faulty.stdout()).toContain(`is connected to 127.0.0.1:${port}, which all slots share\n`);
  expect(faulty.stdout()).toMatch(
    new RegExp(`^fail +server "web" +also on 127\\.0\\.0\\.1:${existingServer.port} \\(slot [01]\\)$`, 'm'),
  );
  expect(faulty.stdout()).toMatch(/^fail +files +both slots write state\.json$/m);
  expect(faulty.stdout()).toContain("\n  files: give each slot its own: server.copy: ['state.json'], or `workspace`\n");
});

test('doctor --app runs the tests that are named; where all is right it says so', { tag: '@matrix' }, async ({
  project,
  cli,
  existingServer,
}) => {
  test.slow();
  // A warehouse that is allowed, and a server that is said to use no database.
  const server = `[{ command: 'node app.mjs', url: '/healthz' }, { name: 'static', command: 'node static.mjs', database: 'none' }]`;
  const options = `allowDatabases: ['127.0.0.1:${existingServer.port}'],`;
  const config = configText({ server, options });
  const mini = await project('mini', { mayWrite: ['of-a-test'], files: { 'playwright.config.ts': config } });
  const app = await mini.read('app.mjs');
  const warehouse = `const warehouse = new pg.Client('${existingServer.url}'); warehouse.on('error', () => {}); await warehouse.connect();`;
  await mini.write('app.mjs', `${app}\n${warehouse}`);
  await mini.write(
    'static.mjs',
    `import { createServer } from 'node:http'; createServer((_, response) => response.end('static')).listen(process.env.PORT);`,
  );
  const well = await cli(['doctor', '--app'], { cwd: mini.folder });
  expect((await well.exit).exitCode, well.output()).toBe(0);
  expect(well.stdout()).toContain('nothing is written into the checkout\n\nEverything looks good.\n');
  expect(well.stdout()).toMatch(/^ok +server "static" +uses no database \(`database: 'none'`\)$/m);

  const writing = `import { writeFileSync } from 'node:fs'; import { expect, test } from '@playwright/test';
    test('writes', () => writeFileSync('of-a-test', ''));`;
  await mini.write('e2e/a.spec.ts', `${writing} test('fails', () => expect(1).toBe(2));`);
  const failed = await cli(['doctor', '--app', 'a.spec'], { cwd: mini.folder });
  expect((await failed.exit).exitCode).toBe(1);
  expect(failed.stdout()).toContain('written while the tests ran: of-a-test\n');
  expect(failed.stdout()).toContain('1 failed');

  await mini.write(
    'static.mjs',
    `if (process.env.STACK_SLOT === '1') throw new Error('only one'); await import('./app.mjs');`,
  );
  const second = await cli(['doctor', '--app'], { cwd: mini.folder });
  expect((await second.exit).exitCode).toBe(1);
  expect(second.stdout()).toMatch(/^fail +slot 1 +cannot be opened beside slot 0$/m);
  expect(second.stdout()).toMatch(/Slot 1 could not be opened:.*SERVER_EXITED.*only one/s);
});

test('a wrong command is told what there is', async ({ project, cli }) => {
  const { folder } = await project('plain');
  const child = await cli(['clear'], { cwd: folder });
  expect((await child.exit).exitCode).toBe(1);
  expect(child.stderr()).toMatch(
    /^unknown command 'clear'; did you mean 'clean'\?\n\nUsage: npx playwright-stacks <command>\n/,
  );
});
