import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { inheritedDatabases } from '../../config/inherited-databases.ts';
import type { DevelopmentDatabases, Task } from '../../config/resolved.ts';
import { newRunKey } from '../../names.ts';
import { connect, withClient } from '../../postgres/client/connection.ts';
import { databaseEnv } from '../../postgres/client/connection-string.ts';
import type { EmbeddedServer } from '../../postgres/embedded/embedded-server.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { DatabaseConnections } from './connected-to.ts';
import { StepProof } from './step-proof.ts';

let testBed: TestBed;
/** The run's server, and the developer's. */
let ours: EmbeddedServer;
let theirs: EmbeddedServer;
test.beforeAll(async () => {
  testBed = await newTestBed();
  [ours, theirs] = await Promise.all([testBed.start(), testBed.start()]);
});
test.afterAll(() => testBed.lifetime.close());

let database: string;
test.beforeEach(async () => {
  database = `stk_${newRunKey()}`;
  await withClient(ours.connect({ purpose: 'test' }), (client) =>
    client.query(`CREATE DATABASE ${database} OWNER ${ours.owner}`),
  );
});
test.afterEach(() =>
  withClient(ours.connect({ purpose: 'test' }), (client) => client.query(`DROP DATABASE ${database} WITH (FORCE)`)),
);

/** Steps on `database`, in an environment that names the developer's database so. */
function steps(environment: Record<string, string> = {}, allowed: readonly string[] = [], empty = false) {
  const inherited = inheritedDatabases(environment, [], '/');
  const known: DevelopmentDatabases = { development: undefined, inherited, taken: [], named: [], allowed };
  const proof = new StepProof(ours, new DatabaseConnections(ours, known), { empty });
  const url = ours.urlFor(database);
  const context = { url, env: databaseEnv(url) };
  const options = { context, cwd: fileURLToPath(new URL('../../..', import.meta.url)), timeout: 20_000 };
  const signal = new AbortController().signal;
  return {
    run: (task: Task, title = 'database.migrate') => proof.run(task, { ...options, title, signal }),
    check: () => proof.check(),
  };
}

/** A program that runs `sql` on what `url` is an expression of, and then waits until it is ended, or `ms`. */
function program(sql: string, url = 'process.env.DATABASE_URL', ms = 0): Task {
  const source = `
    const pg = require('pg');
    const client = new pg.Client(${url});
    client.connect().then(() => client.query('${sql}')).then(() => setTimeout(() => client.end(), ${ms}));
  `;
  return { kind: 'command', command: `exec "${process.execPath}" -e "${source.replace(/\n/g, ' ')}"` };
}

const quoted = (text: string) => `'${text}'`;
const theirUrl = () => theirs.urlFor('postgres', 'superuser');
const title = () => `127.0.0.1:${theirs.port}`;

for (const [what, sql] of [
  ['a table', 'CREATE TABLE public.a ()'],
  ['a schema', 'CREATE SCHEMA a'],
  ['a type', 'CREATE TYPE public.a AS ENUM ()'],
  ['a function', 'CREATE FUNCTION public.a() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
  ['an extension', 'CREATE EXTENSION citext SCHEMA public'],
  ['a large object', 'SELECT lo_create(0)'],
]) {
  test(`a step that leaves ${what} has changed its database`, async () => {
    const { run, check } = steps();
    const task: Task = {
      kind: 'function',
      run: ({ url }) =>
        withClient(ours.connect({ purpose: 'test', database: new URL(url).pathname.slice(1) }), (client) =>
          client.query(sql ?? ''),
        ),
    };
    await run(task);
    await check();
  });
}

test('steps that leave nothing are an error, unless that is meant', async () => {
  const { run, check } = steps();
  await run(program('CREATE TEMP TABLE a ()'));
  await run({ kind: 'function', run: async () => {} }, 'database.seed');
  await expect(check()).rejects.toThrow(
    [
      'DATABASE_UNUSED: `database.migrate` and `database.seed` changed nothing in their database.',
      '  variables given  DATABASE_URL, PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE',
      '  connected to     no Postgres over TCP was seen',
      '  hint: let it read one of these variables, or name the one that it reads in `env` of the database. A database that is to stay empty: `empty: true` beside it.',
    ].join('\n'),
  );
  const meant = steps({}, [], true);
  await meant.run(program('SELECT 1'));
  await meant.check();
  // Without a step there is nothing to prove.
  await steps().check();
});

test('a step on the developer’s database is ended at once', async () => {
  const { run } = steps({ POSTGRES_URL: theirUrl() });
  await expect(run(program('SELECT 1', quoted(theirUrl()), 15_000))).rejects.toThrow(
    [
      'DATABASE_UNUSED: `database.migrate` was ended, because it was on another database than its own.',
      '  variables given  DATABASE_URL, PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE',
      `  connected to     ${title()}, which POSTGRES_URL names (environment)`,
      '  hint: let it read one of these variables, or name the one that it reads in `env` of the database. Where it is to reach another database: allowDatabases:',
    ].join('\n'),
  );
});

test('a step that was on a Postgres that nobody has named, and not on its own, is an error when it has ended', async () => {
  await expect(steps().run(program('SELECT 1', quoted(theirUrl()), 1_500))).rejects.toThrow(
    new RegExp(
      `DATABASE_UNUSED: .* was on another database, and not on its own\\.[^]*\\n  connected to     ${title()}\\n`,
    ),
  );
  const pool = {
    kind: 'function' as const,
    run: () =>
      withClient(connect({ connectionString: theirUrl() }, 'theirs', { purpose: 'x', name: 'app' }), (client) =>
        client.query('SELECT pg_sleep(1)'),
      ),
  };
  await expect(steps().run(pool)).rejects.toThrow('DATABASE_UNUSED');
});

test('another database is allowed by its variable or address, and beside the step’s own', async () => {
  const task = program('SELECT 1', quoted(theirUrl()), 1_000);
  const both = `
    const pg = require('pg');
    const own = new pg.Client(process.env.DATABASE_URL), other = new pg.Client('${theirUrl()}');
    own.connect().then(() => new Promise((r) => setTimeout(r, 1000))).then(() => other.connect())
      .then(() => setTimeout(() => { own.end(); other.end(); }, 1000));
  `.replace(/\n/g, ' ');
  const beside: Task = { kind: 'command', command: `exec "${process.execPath}" -e "${both}"` };
  await Promise.all([
    steps({ WAREHOUSE: theirUrl() }, ['WAREHOUSE']).run(task),
    steps({}, [`localhost:${theirs.port}`]).run(task),
    steps({ POSTGRES_URL: theirUrl() }).run(beside),
  ]);
});

test('a step on another database of the same server is told its name', async () => {
  await expect(steps().run(program('SELECT 1', quoted(ours.urlFor('postgres', 'superuser')), 1_500))).rejects.toThrow(
    `\n  connected to     127.0.0.1:${ours.port}/postgres\n`,
  );
});
