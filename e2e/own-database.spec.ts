// The application is really on its stack, whatever it knows its database by: the developer's is never touched.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/decoy.ts';

/** fixtures/mini's programs, which read another variable than DATABASE_URL and have a default: the developer's database. */
async function reading(
  project: { read: (file: string) => Promise<string>; write: (file: string, text: string) => Promise<void> },
  file: string,
  expression: string,
) {
  const text = await project.read(file);
  await project.write(file, text.replace('process.env.DATABASE_URL', expression));
}

const staticServer = `import { createServer } from 'node:http'; createServer((_, response) => response.end('static')).listen(process.env.PORT);`;

test('variables of .env files and of the environment name the slot’s database, in steps, servers and tests', async ({
  project,
  run,
  decoy,
}) => {
  const variables = await project('variables', { files: { '.env': `POSTGRES_URL=${decoy.url}\n` } });
  for (const file of ['app.js', 'migrate.js']) {
    await variables.write(file, (await variables.read(file)).replace('postgres://localhost/dev', decoy.url));
  }
  // libpq's, of a server that is not ours.
  const libpq = { PGSERVICE: 'mine', PGHOSTADDR: '192.0.2.1', PGSSLMODE: 'verify-full', PGDATA: '/no/such' };
  const env = { ...libpq, DIRECT_URL: decoy.url, DATABASE_URL: decoy.url };

  const config = await variables.read('playwright.config.ts');
  await variables.write('playwright.config.ts', config.replace('npm start', 'node overriding.js'));
  const overriding = await run(variables, [], { env });
  expect(overriding.output).toContain('DATABASE_UNUSED');
  expect(overriding.output).toMatch(
    /overriding\.js:3 .*loads \.env files over the environment.*Leave out: override: true/,
  );
  expect(overriding.events.map(({ type }) => type)).not.toContain('postgres-ready');
  expect(overriding.exitCode).toBe(1);

  await variables.write('playwright.config.ts', config);
  const { output, exitCode } = await run(variables, [], { env });
  expect(output).toContain(
    `[stacks] the slot’s database instead of ${decoy.title}: DIRECT_URL (environment), POSTGRES_URL (.env)\n`,
  );
  expect(output).toContain('2 passed');
  expect(exitCode).toBe(0);
});

test('a static site that says that it has no database needs none, and its suite passes', { tag: '@matrix' }, async ({
  project,
  run,
  decoy,
}) => {
  const { output, exitCode } = await run(await project('static'), [], { env: { DATABASE_URL: decoy.url } });
  expect(output).toContain('1 passed');
  expect(output).not.toContain('DATABASE_UNUSED');
  expect(exitCode).toBe(0);
});

test('a server that connects to the developer’s database fails the test during which it did, and no other runs', {
  tag: '@matrix',
}, async ({ project, run, decoy }) => {
  const reads = `
    import { expect, test } from '@playwright/test';
    test('reads', async ({ request }) => {
      expect(await (await request.get('/items')).json()).toEqual([{ id: 1, name: 'of the developer' }]);
    });
    test('never runs', () => {});
  `;
  // Ready by its port alone: its pool connects when it is first asked for something.
  const files = { 'playwright.config.ts': configText({ server: `{ command: 'node app.mjs' }` }), ...only(reads) };
  const mini = await project('mini', { files });
  await reading(mini, 'app.mjs', `'${decoy.url}'`);
  const { output, exitCode } = await run(mini, ['--workers=1'], { env: { DEV_DATABASE: decoy.url }, timeout: 120_000 });
  expect(output).toContain(
    [
      'DATABASE_UNUSED: server "web" of slot 0 is on another database, and not on its slot’s.',
      '      variables given  DATABASE_URL, PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, DEV_DATABASE',
      `      connected to     ${decoy.title.replace(/\/.*/, '')}, which DEV_DATABASE names (environment)`,
    ].join('\n'),
  );
  expect(output).toContain('1 failed');
  expect(output).toContain('1 skipped');
  expect(exitCode).toBe(1);
});

test('tests with a pool of their own on the developer’s database fail, and servers that were never seen on theirs', {
  tag: '@matrix',
}, async ({ project, run, decoy }) => {
  const ownPool = `
    import { expect, test } from '@playwright/test';
    import pg from 'pg';
    test('reads', async () => {
      const client = new pg.Client('${decoy.url}');
      await client.connect();
      expect((await client.query('SELECT name FROM items')).rows).toEqual([{ name: 'of the developer' }]);
      await client.end();
    });
  `;
  const files = { 'playwright.config.ts': configText({ server: `{ command: 'node static.mjs' }` }), ...only(ownPool) };
  const mini = await project('mini', { files });
  await mini.write('static.mjs', staticServer);
  const { output, exitCode } = await run(mini, ['--workers=1']);
  expect(output).toContain('DATABASE_UNUSED: the tests of slot 0 are on another database, and not on its slot’s.');
  expect(output).toContain(`      connected to     ${decoy.title.replace(/\/.*/, '')}\n`);
  expect(exitCode).toBe(1);
  await mini.write('e2e/a.spec.ts', `import { test } from '@playwright/test'; test('passes', () => {});`);
  const unused = await run(mini, ['--workers=1']);
  expect(unused.output).toContain('1 passed');
  expect(unused.output).toContain(
    [
      'DATABASE_UNUSED: no server was ever on its slot’s database.',
      '  servers          "web"',
      '  variables given  DATABASE_URL, PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE',
    ].join('\n'),
  );
  expect(unused.exitCode).toBe(1);
});
