import { expect, test } from '@playwright/test';
import { newRunKey } from '../../names.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { connect, withClient } from '../client/connection.ts';
import { databaseEnv } from '../client/connection-string.ts';
import type { EmbeddedServer } from '../embedded/embedded-server.ts';
import { createClone } from './clone.ts';
import { dropMade } from './drop.ts';
import { makeDatabase } from './make-database.ts';
import { ensureTemplate, type TemplateSpec } from './template.ts';

test.describe.configure({ mode: 'default' }); // one server
let testBed: TestBed;
let server: EmbeddedServer;
const signal = new AbortController().signal;

test.beforeAll(async () => {
  testBed = await newTestBed();
  server = await testBed.start();
});
test.afterAll(() => testBed.lifetime.close());

async function query(url: string, sql: string): Promise<unknown[]> {
  const opening = connect({ connectionString: url }, 'test', { purpose: 'test', settings: 'inherited' });
  return withClient(opening, async (client) => (await client.query(sql)).rows);
}

async function admin(sql: string): Promise<unknown[]> {
  return withClient(
    server.connect({ purpose: 'test', settings: 'inherited' }),
    async (client) => (await client.query(sql)).rows,
  );
}

async function exists(database: string): Promise<boolean> {
  return (await admin(`SELECT FROM pg_database WHERE datname = '${database}'`)).length === 1;
}

/** The templates of `key`, finished or not. */
async function templatesOf(key: string): Promise<string[]> {
  const rows = await admin(`SELECT datname FROM pg_database WHERE datname LIKE 'stk_template_${key}%'`);
  return rows.map((row) => String(Reflect.get(Object(row), 'datname')));
}

/** A template with one table of one row, whose key is nobody else's. */
function spec(changes: Partial<TemplateSpec> = {}): TemplateSpec {
  return {
    kind: 'template',
    key: newRunKey(),
    run: newRunKey(),
    extensions: [],
    role: 'owner',
    migrate: async ({ url }) => void (await query(url, 'CREATE TABLE note (id int PRIMARY KEY)')),
    seed: async ({ url }) => void (await query(url, 'INSERT INTO note VALUES (1)')),
    ...changes,
  };
}

test('a template is built once, sealed, and its clones have its rows', async () => {
  const one = spec();
  const first = await ensureTemplate(server, one, signal);
  expect(first.built).toBe(true);
  const second = await ensureTemplate(server, one, signal);
  expect(second).toMatchObject({ built: false, database: first.database, ms: { migrate: 0, seed: 0 } });
  await expect(query(server.urlFor(first.database), 'SELECT 1')).rejects.toThrow('not currently accepting connections');

  const name = `stk_${one.run}_0`;
  await createClone(server, second, { name, run: one.run, signal });
  expect(await query(server.urlFor(name), 'SELECT id FROM note')).toEqual([{ id: 1 }]);
  await query(server.urlFor(name), 'CREATE TABLE app_may_create (id int)');
});

test('a migration gets its database as a url and as variables, as the owner', async () => {
  let env: Readonly<Record<string, string>> = {};
  const migrate: TemplateSpec['migrate'] = async (context) => {
    env = context.env;
    expect(await query(context.url, 'SELECT current_user AS me, current_database() AS here')).toEqual([
      { me: 'app', here: context.env.PGDATABASE },
    ]);
  };
  await ensureTemplate(server, spec({ migrate, seed: undefined }), signal);
  expect(env).toMatchObject({ PGHOST: '127.0.0.1', PGPORT: String(server.port), PGUSER: 'app' });
  expect(env).toEqual(databaseEnv(env.DATABASE_URL ?? ''));
});

test('a builder that fails leaves nothing', async () => {
  const failing = spec({ seed: () => Promise.reject(new Error('seed is broken')) });
  await expect(ensureTemplate(server, failing, signal)).rejects.toThrow('seed is broken');
  expect(await templatesOf(failing.key)).toEqual([]);
});

test('what a dead builder left is dropped and built anew', async () => {
  const one = spec();
  const left = await withClient(server.connect({ purpose: 'test' }), (client) =>
    makeDatabase(server, client, {
      ...{ kind: 'template', run: newRunKey(), name: 'left', comment: '' },
      template: { key: one.key, used: '' },
    }),
  );
  const { built, database } = await ensureTemplate(server, one, signal);
  expect(built).toBe(true);
  expect(await templatesOf(one.key)).toEqual([database]);
  expect(await exists(left.name)).toBe(false);
});

test('of eight builders at once one builds, the others wait', async () => {
  const key = newRunKey();
  let migrations = 0;
  const migrate: TemplateSpec['migrate'] = async () => {
    migrations += 1;
  };
  const all = Array.from({ length: 8 }, () => ensureTemplate(server, spec({ key, migrate, seed: undefined }), signal));
  const templates = await Promise.all(all);
  expect(templates.filter(({ built }) => built)).toHaveLength(1);
  expect(migrations).toBe(1);
});

test('an abort ends the waiting for another builder', async () => {
  const key = newRunKey();
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const builder = ensureTemplate(server, spec({ key, migrate: () => held, seed: undefined }), signal);
  await expect.poll(() => templatesOf(key)).toHaveLength(1);
  const controller = new AbortController();
  const waiter = ensureTemplate(server, spec({ key }), controller.signal);
  const waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  await expect.poll(async () => (await admin(waits)).length).toBe(1);
  controller.abort(new Error('interrupted'));
  await expect(waiter).rejects.toThrow('interrupted');
  finish();
  expect((await builder).built).toBe(true);
});

test('a wait for another builder that is too long says for what', async () => {
  const key = newRunKey();
  let finish = (): void => {};
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const builder = ensureTemplate(server, spec({ key, migrate: () => held, seed: undefined }), signal);
  await expect.poll(() => templatesOf(key)).toHaveLength(1);
  await expect(ensureTemplate(server, spec({ key, patience: 50 }), signal)).rejects.toThrow(
    `DATABASE_UNREACHABLE: waited 50 ms for the template ${key}`,
  );
  finish();
  await builder;
});

test('extensions are made by the superuser, those that are missing are named, with what to do', async () => {
  const template = await ensureTemplate(server, spec({ extensions: ['pgcrypto', 'citext'] }), signal);
  expect(template.built).toBe(true);
  await expect(ensureTemplate(server, spec({ extensions: ['citext', 'vector', 'fish'] }), signal)).rejects.toThrow(
    /^POSTGRES_FAILED: the embedded Postgres 18 has no extensions "vector", "fish"\.\n {2}option {2}database\.extensions\n[\s\S]*hint: that of the npm packages has only what comes with Postgres: install "vector" and "fish" for Postgres /,
  );
});

test('settings, privileges and the connection limit come with the clone', async () => {
  const run = newRunKey();
  await admin(`CREATE ROLE reader_${run}`);
  const migrate: TemplateSpec['migrate'] = async ({ url, env }) => {
    await query(
      url,
      `ALTER DATABASE ${env.PGDATABASE} SET search_path TO "$user", "a ""b", public;
       ALTER DATABASE ${env.PGDATABASE} SET work_mem TO '5MB';
       ALTER DATABASE ${env.PGDATABASE} SET "app.tenant" TO 'it''s, one';
       ALTER DATABASE ${env.PGDATABASE} CONNECTION LIMIT 42;
       REVOKE ALL ON DATABASE ${env.PGDATABASE} FROM PUBLIC;
       GRANT CONNECT ON DATABASE ${env.PGDATABASE} TO reader_${run} WITH GRANT OPTION`,
    );
    await admin(`ALTER ROLE reader_${run} IN DATABASE ${env.PGDATABASE} SET statement_timeout TO '7s'`);
  };
  const template = await ensureTemplate(server, spec({ run, migrate, seed: undefined, role: 'superuser' }), signal);
  const name = `stk_${run}_0`;
  await createClone(server, template, { name, run, signal });
  const read = (database: string) =>
    admin(`SELECT datacl::text AS acl, datconnlimit AS "limit",
                  (SELECT array_agg(setrole::regrole || ' ' || setconfig::text ORDER BY setrole)
                     FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
             FROM pg_database d WHERE datname = '${database}'`);
  expect(await read(name)).toEqual(await read(template.database));
  expect(await query(server.urlFor(name), `SELECT current_setting('app.tenant') AS tenant`)).toEqual([
    { tenant: "it's, one" },
  ]);
});

test('a clone in use is dropped, a second drop does nothing', async () => {
  const one = spec();
  const template = await ensureTemplate(server, one, signal);
  const name = `stk_${one.run}_0`;
  const clone = await createClone(server, template, { name, run: one.run, signal });
  const user = await connect({ connectionString: server.urlFor(name) }, 'test', {
    purpose: 'test',
    settings: 'inherited',
  });
  await dropMade(server, clone);
  expect(await exists(name)).toBe(false);
  await expect(user.query('SELECT 1')).rejects.toThrow();
  await dropMade(server, clone);
});

test('a clone is dropped though the application has renamed it, described it, or made another in its place', async () => {
  const one = spec();
  const template = await ensureTemplate(server, one, signal);
  const name = `stk_${one.run}_0`;
  const [renamed, remade] = [
    await createClone(server, template, { name, run: one.run, signal }),
    await createClone(server, template, { name: `${name}_b`, run: one.run, signal }),
  ];
  await admin(`COMMENT ON DATABASE ${name} IS 'of the application'`);
  await admin(`ALTER DATABASE ${name} RENAME TO applications_own`);
  await admin(`DROP DATABASE ${remade.name}`);
  await admin(`CREATE DATABASE ${remade.name} OWNER ${server.owner}`);
  for (const clone of [renamed, remade]) await dropMade(server, clone);
  for (const left of [name, remade.name, 'applications_own']) expect(await exists(left)).toBe(false);
});

test("a database of somebody else's in the place of a clone stays, and is reported", async () => {
  const one = spec();
  const template = await ensureTemplate(server, one, signal);
  const name = `stk_${one.run}_0`;
  await admin(`CREATE ROLE stranger_${one.run}`);
  await admin(`CREATE DATABASE ${name} OWNER stranger_${one.run}`);
  await expect(createClone(server, template, { name, run: one.run, signal })).rejects.toThrow(
    `DATABASE_UNFIT: there is a database "${name}", which is not of this run.`,
  );
  expect(await exists(name)).toBe(true);
  await admin(`DROP DATABASE ${name}`);
  const clone = await createClone(server, template, { name, run: one.run, signal });
  await admin(`DROP DATABASE ${name}`);
  await admin(`CREATE DATABASE ${name} OWNER stranger_${one.run}`);
  await dropMade(server, clone);
  expect(await exists(name)).toBe(true);
});

test('a failed clone leaves nothing', async () => {
  const one = spec();
  const template = await ensureTemplate(server, one, signal);
  const settings = [{ role: null, setting: 'no_such_setting=1' }];
  const broken = { ...template, extras: { ...template.extras, settings } };
  const name = `stk_${one.run}_0`;
  await expect(createClone(server, broken, { name, run: one.run, signal })).rejects.toThrow('no_such_setting');
  expect(await exists(name)).toBe(false);
});
