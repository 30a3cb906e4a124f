import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { freePort, newTestBed } from '../../testing/postgres.ts';
import { connect, withClient } from '../client/connection.ts';
import { withDatabase } from '../client/connection-string.ts';
import type { DatabaseServer } from '../database-server.ts';
import { createClone } from '../databases/clone.ts';
import { dropMade } from '../databases/drop.ts';
import { ensureTemplate } from '../databases/template.ts';
import { startPostgres } from '../embedded/postgres-process.ts';
import { postgresUser } from '../embedded/postgres-user.ts';
import { runTool } from '../embedded/run-tool.ts';
import type { ConnectionBudget } from './connection-budget.ts';
import { useExisting } from './existing.ts';
import { refuseUnfit } from './refuse-unfit.ts';

test.describe.configure({ mode: 'default' }); // one server
const DEBIAN = '/usr/lib/postgresql/15/bin';
const signal = new AbortController().signal;
const lifetime = new Lifetime();
let superuser: string;
let url: string;

const query = (url: string, sql: string) =>
  withClient(connect({ connectionString: url }, 'test', { purpose: 'test', settings: 'inherited' }), (client) =>
    client.query(sql),
  );

/** Debian's Postgres with stock settings where it is installed, else an embedded one; a role with only CREATEDB. */
test.beforeAll(async () => {
  superuser = existsSync(DEBIAN) ? await startDebian() : await startOther();
  const opening = connect({ connectionString: superuser }, 'test', { purpose: 'test' });
  await withClient(opening, async (client) => {
    await client.query(`
      CREATE ROLE maker LOGIN CREATEDB PASSWORD 'p@ss:w/ord';
      CREATE ROLE nobody_special LOGIN PASSWORD 'x'`);
  });
  const own = new URL(superuser);
  own.username = 'maker';
  own.password = encodeURIComponent('p@ss:w/ord');
  url = own.href;
});
test.afterAll(() => lifetime.close());

async function startDebian(): Promise<string> {
  const folder = await mkdtemp('/tmp/stk-test-15-');
  lifetime.defer('remove', () => rm(folder, { recursive: true, force: true }));
  const user = postgresUser();
  if (user) await chown(folder, user.uid, user.gid);
  await writeFile(`${folder}/password`, 'secret');
  const login = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${folder}/password`];
  await runTool([`${DEBIAN}/initdb`, '-D', `${folder}/data`, ...login, '--no-sync'], { signal });
  const port = await freePort();
  const postgres = await startPostgres({
    runnable: { postgres: `${DEBIAN}/postgres`, initdb: '', env: {} },
    data: `${folder}/data`,
    settings: { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: folder },
    port,
    log: `${folder}.log`,
    signal,
  });
  lifetime.defer('remove log', () => rm(`${folder}.log`));
  lifetime.defer('stop', () => postgres.stop('at once'));
  return `postgresql://postgres:secret@127.0.0.1:${port}/postgres`;
}

async function startOther(): Promise<string> {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  return (await testBed.start()).urlFor('postgres', 'superuser');
}

test('template and clone are made on it by a role with only CREATEDB', async () => {
  const run = newRunKey();
  await using mine = new Lifetime();
  const server = await useExisting({ url, run, connections: 2, signal, lifetime: mine });
  expect(server).toMatchObject({ kind: 'existing', cluster: 'none', owner: 'maker' });
  const migrate = ({ url }: { url: string }) =>
    withClient(
      connect({ connectionString: url }, 'test', { purpose: 'test', settings: 'inherited' }),
      async (client) => {
        await client.query('CREATE TABLE note (id int)');
      },
    );
  const spec = {
    ...({ kind: 'template', key: run, run, extensions: [], role: 'owner', seed: undefined } as const),
    migrate,
  };
  const template = await ensureTemplate(server, spec, signal);
  const name = `stk_${run}_0`;
  const clone = await createClone(server, template, { name, run, signal });
  const opening = connect({ connectionString: server.urlFor(name) }, 'test', {
    purpose: 'test',
    settings: 'inherited',
  });
  await withClient(opening, async (client) => {
    expect((await client.query('SELECT * FROM note')).rowCount).toBe(0);
  });
  await dropMade(server, clone);
  if (template.made) await dropMade(server, template.made);
});

test('of several hosts the first that answers is used, by applications too', async () => {
  await using mine = new Lifetime();
  const { username, password, port } = new URL(url);
  const several = `postgresql://${username}:${password}@127.0.0.1:${await freePort()},127.0.0.1:${port}/postgres?target_session_attrs=read-write`;
  const server = await useExisting({ url: several, run: newRunKey(), connections: 2, signal, lifetime: mine });
  expect(server).toMatchObject({ host: '127.0.0.1', port: Number(port) });
  expect(server.urlFor('main')).toBe(`postgresql://${username}:${password}@127.0.0.1:${port}/main`);
});

test('a run holds a lock for as long as it lives', async () => {
  const locks = () =>
    withClient(connect({ connectionString: url }, 'test', { purpose: 'test' }), async (client) => {
      return (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted")).rowCount;
    });
  const mine = new Lifetime();
  const before = await locks();
  await useExisting({ url, run: newRunKey(), connections: 2, signal, lifetime: mine });
  expect(await locks()).toBe((before ?? 0) + 1);
  await mine.close();
  await expect.poll(locks).toBe(before);
});

test('the loss of its session is reported', async () => {
  await using mine = new Lifetime();
  const run = newRunKey();
  const server = await useExisting({ url, run, connections: 2, signal, lifetime: mine });
  await withClient(server.connect({ purpose: 'test' }), (client) =>
    client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      `playwright-stacks: lease ${run}`,
    ]),
  );
  expect((await server.lost).code).toBe('DATABASE_UNREACHABLE');
});

test('the error for a role that may not create databases has the ALTER ROLE', async () => {
  const other = new URL(url);
  other.username = 'nobody_special';
  other.password = 'x';
  await expect(useExisting({ url: other.href, run: 'r', connections: 2, signal, lifetime })).rejects.toThrow(
    `DATABASE_UNFIT: the role "nobody_special" may not create databases at ${other.host}.
  hint: run \`ALTER ROLE "nobody_special" CREATEDB\` as a superuser there.`,
  );
});

test('a server that is not there is an error that names the option', async () => {
  const nowhere = new URL(url);
  nowhere.port = String(await freePort());
  await expect(useExisting({ url: nowhere.href, run: 'r', connections: 2, signal, lifetime })).rejects.toThrow(
    /^DATABASE_UNREACHABLE: Postgres at 127\.0\.0\.1:\d+ could not be reached\.[\s\S]*ECONNREFUSED[\s\S]*`database\.url`/,
  );
});

test('what cannot be used is an error before anything is made', async () => {
  await withClient(connect({ connectionString: superuser }, 'test', { purpose: 'test' }), (client) =>
    client.query(`
      CREATE ROLE small LOGIN CREATEDB PASSWORD 'x' CONNECTION LIMIT 4;
      CREATE ROLE full_up LOGIN CREATEDB PASSWORD 'x' CONNECTION LIMIT 0`),
  );
  const as = (user: string, database = 'postgres', password = 'x') => {
    const other = new URL(withDatabase(url, database));
    Object.assign(other, { username: user, password });
    return other.href;
  };
  const refusal = (url: string) => {
    const using = useExisting({ url, run: 'r', connections: 5, signal, lifetime });
    return using.then(
      () => 'it was accepted',
      (error) => error.message,
    );
  };
  expect(await refusal(as('small'))).toContain('allows 4 connections, and a stack may need 5.');
  expect(await refusal(`${as('small')}?sslmode=sure`)).toContain(
    '`sslmode=sure` of the connection string is not known',
  );
  const full = connect({ connectionString: as('full_up') }, 'here', { purpose: 'test', timeout: 1_000 });
  await expect(full).rejects.toThrow('DATABASE_FULL: Postgres at here had no free connection within 1000 ms.');
});

test('whatever the string names, runs meet in the database postgres; for who cannot, the error says what to do', async () => {
  const as = (database: string) =>
    withClient(
      connect({ connectionString: withDatabase(superuser, 'template1') }, 'test', { purpose: 'test' }),
      (client) => client.query(database),
    );
  const refusal = (of = url) =>
    useExisting({ url: withDatabase(of, 'no_such'), run: 'r', connections: 2, signal, lifetime }).then(
      () => 'it was accepted',
      (error) => error.message,
    );
  const at = new URL(url).host;
  await as('REVOKE CONNECT ON DATABASE postgres FROM PUBLIC');
  expect(await refusal()).toBe(`DATABASE_UNFIT: the database "postgres" at ${at} cannot be used.
  reason  permission denied for database "postgres"
  why     runs know of each other by what is in it, whichever database \`database.url\` names
  hint: run \`GRANT CONNECT ON DATABASE postgres TO "maker"\` as a superuser there.`);
  await as('GRANT CONNECT ON DATABASE postgres TO PUBLIC');
  await as(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'`);
  await as('ALTER DATABASE postgres RENAME TO elsewhere');
  expect(await refusal()).toContain('hint: run `CREATE DATABASE postgres` there; it may stay empty.');
  await as('ALTER DATABASE elsewhere RENAME TO postgres');
  const alter = (sql: string) => query(superuser, sql);
  await alter('REVOKE EXECUTE ON FUNCTION lo_create(oid) FROM PUBLIC');
  expect(await refusal()).toContain('run `GRANT EXECUTE ON FUNCTION lo_create(oid), lo_unlink(oid) TO "maker"`');
  await alter('GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC');
  await alter('ALTER ROLE maker SET lo_compat_privileges = on');
  expect(await refusal()).toContain(`DATABASE_UNFIT: \`lo_compat_privileges\` is on at ${at}.`);
  await alter('ALTER ROLE maker RESET lo_compat_privileges');
  await using mine = new Lifetime();
  await useExisting({ url: withDatabase(url, 'no_such'), run: newRunKey(), connections: 2, signal, lifetime: mine });
});

test('a setting of the role makes other templates', async () => {
  await using mine = new Lifetime();
  const identity = async () =>
    (await useExisting({ url, run: newRunKey(), connections: 2, signal, lifetime: mine })).identity;
  const before = await identity();
  expect(await identity()).toBe(before);
  await query(superuser, 'ALTER ROLE maker SET search_path TO elsewhere');
  const other = await identity();
  await query(superuser, 'ALTER ROLE maker RESET search_path');
  expect(other).not.toBe(before);
});

test('a template with unlogged tables, which a crash empties, is built anew after one', {
  tag: '@matrix',
}, async () => {
  await using mine = new Lifetime();
  const run = newRunKey();
  const use = () => useExisting({ url, run: newRunKey(), connections: 2, signal, lifetime: mine });
  const build = (server: DatabaseServer, key: string, kind: string) =>
    ensureTemplate(
      server,
      {
        ...({ kind: 'template', key: run + key, run, extensions: [], role: 'owner', seed: undefined } as const),
        migrate: async ({ url }) => void (await query(url, `CREATE ${kind} TABLE note AS SELECT 1 AS id`)),
      },
      signal,
    );
  const before = await use();
  for (const built of [true, false]) {
    expect(await build(before, '000001', 'UNLOGGED')).toMatchObject({ built });
    expect(await build(before, '000002', '')).toMatchObject({ built });
  }
  await crash();
  const after = await use();
  const rebuilt = await build(after, '000001', 'UNLOGGED');
  expect(rebuilt.built).toBe(true);
  expect((await build(after, '000002', '')).built).toBe(false);
  const name = `stk_${run}_0`;
  const clone = await createClone(after, rebuilt, { name, run, signal });
  expect((await query(after.urlFor(name), 'SELECT * FROM note')).rows).toEqual([{ id: 1 }]);
  await dropMade(after, clone);
});

/** Kills a backend, whereupon the server begins anew; an embedded one would end, and only says that it did. */
async function crash(): Promise<void> {
  if (!existsSync(DEBIAN)) return void (await query(superuser, `SELECT pg_stat_reset_shared('bgwriter')`));
  const victim = await connect({ connectionString: superuser }, 'test', { purpose: 'test' });
  const [row] = (await victim.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows;
  process.kill(row?.pid ?? 0, 'SIGKILL');
  await expect.poll(() => victim.query('SELECT 1').catch(() => 'gone')).toBe('gone');
  await expect
    .poll(() => query(superuser, 'SELECT 1').catch(() => 'recovers'), { timeout: 30_000 })
    .not.toBe('recovers');
}

test('the error for a server that is too old names its version', () => {
  const facts = { version: '12.22', number: 120_022, fsync: 'on', locale: '', others: '', role: 'a' };
  expect(() =>
    refuseUnfit({ ...facts, isStandby: false, mayCreate: true, mayRegister: true, areEntriesSafe: true }, 'h:5432'),
  ).toThrow(
    `DATABASE_UNFIT: Postgres at h:5432 is version 12.22, too old.
  hint: set \`database.url\` to a server of version 13 or newer.`,
  );
});

test('connections are shared by all runs, and what a dead one had is free', async () => {
  await using mine = new Lifetime();
  const [first, second] = [new Lifetime(), new Lifetime()];
  mine.defer('first', () => first.close());
  mine.defer('second', () => second.close());
  const use = (run: Lifetime) =>
    useExisting({ url, run: newRunKey(), connections: 2, signal, lifetime: run }).then(
      ({ connectionBudget }) => connectionBudget,
    );
  const [one, two] = [await use(first), await use(second)];
  const waits: number[] = [];
  const take = (budget: ConnectionBudget | undefined, connections: number) =>
    budget?.reserve({ connections, signal, timeout: 5_000, onWait: ({ free }) => waits.push(free) });
  const [limit] = await withClient(connect({ connectionString: superuser }, 'test', { purpose: 'test' }), (client) =>
    client.query<{ max_connections: string }>('SHOW max_connections').then(({ rows }) => rows),
  );
  const rest = Number(limit?.max_connections) - 3 - 2 - 77; // superusers', our leases, what is not taken below
  await take(one, rest + 40);
  const giveBack = await take(two, 20);
  expect(waits).toEqual([]);
  const third = take(two, 30);
  await expect.poll(() => waits.length).toBe(1);
  expect(await one?.isWanted()).toBe(true);
  await giveBack?.();
  await third;
  expect(await one?.isWanted()).toBe(false);
  const fourth = take(two, 40);
  await first.close();
  await fourth;
  await expect(two?.reserve({ connections: rest + 30, signal, timeout: 1, onWait: () => {} })).rejects.toThrow(
    /DATABASE_FULL: Postgres at 127.0.0.1:\d+ had no free connections for a stack within 1 ms\.\n {2}needed {2}\d+ connections\n {2}free {4}\d+ of \d+/,
  );
});

test('what ~/.pgpass says reaches the applications, which do not read it', async () => {
  await using mine = new Lifetime();
  const file = `/tmp/stk-test-pgpass-${newRunKey()}`;
  await writeFile(file, `127.0.0.1:*:postgres:maker:p@ss\\:w/ord\n`, { mode: 0o600 });
  const before = process.env.PGPASSFILE;
  process.env.PGPASSFILE = file;
  mine.defer('remove pgpass', async () => {
    await rm(file);
    if (before === undefined) delete process.env.PGPASSFILE;
    else process.env.PGPASSFILE = before;
  });
  const unsaid = new URL(url);
  unsaid.password = '';
  const server = await useExisting({ url: unsaid.href, run: newRunKey(), connections: 2, signal, lifetime: mine });
  expect(server.urlFor('postgres')).toBe(url);
});

test('a server that never answers is given up at the deadline', async () => {
  const silent = createServer(() => {});
  const port = await freePort();
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  const address = { connectionString: `postgresql://a@127.0.0.1:${port}/a` };
  await expect(connect(address, `127.0.0.1:${port}`, { purpose: 'test', timeout: 100 })).rejects.toThrow(
    `DATABASE_UNREACHABLE: Postgres at 127.0.0.1:${port} could not be reached within 100 ms.`,
  );
  silent.close();
});
