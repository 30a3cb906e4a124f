// On an existing server with living and dead runs, and other people's databases.
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { newTestBed } from '../../testing/postgres.ts';
import { BUILD_LOCK, RUN_LOCK, takeLock } from '../client/advisory-lock.ts';
import { type Client, connect, withClient } from '../client/connection.ts';
import { withDatabase } from '../client/connection-string.ts';
import { quoteIdent } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { type MakeOptions, makeDatabase } from '../databases/make-database.ts';
import { amendment, register } from '../databases/registry.ts';
import { dropRun } from './drop-run.ts';
import { connectTo, useExisting } from './existing.ts';
import { sweepDatabases } from './sweep-databases.ts';

test.describe.configure({ mode: 'default' }); // one server
const lifetime = new Lifetime();
let url: string;
let admin: Client;
/** As a run sees it. */
let server: DatabaseServer;

test.beforeAll(async () => {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  const embedded = await testBed.start();
  url = embedded.urlFor('postgres', 'superuser');
  admin = await embedded.connect({ purpose: 'test' });
  const { signal } = new AbortController();
  server = await useExisting({ url, run: newRunKey(), connections: 1, signal, lifetime });
});
test.afterAll(() => lifetime.close());
test.afterEach(async () => {
  for (const name of await databases()) {
    await admin.query(`ALTER DATABASE ${quoteIdent(name)} WITH IS_TEMPLATE false`);
    await admin.query(`DROP DATABASE ${quoteIdent(name)} WITH (FORCE)`);
  }
  await admin.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
});

async function databases(): Promise<string[]> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'stk%' ORDER BY datname`,
  );
  return rows.map(({ datname }) => datname);
}

async function entries(): Promise<number> {
  return (await admin.query('SELECT FROM pg_largeobject_metadata')).rowCount ?? 0;
}

const make = (options: Omit<MakeOptions, 'comment'>) =>
  withClient(connectTo(url, { purpose: 'test' }), (client) =>
    makeDatabase(server, client, { comment: '', ...options }),
  );
const cloneOf = async (run: string, name = `stk_${run}_0`) => (await make({ kind: 'run', run, name })).name;
const template = (key: string, used = '2020-01-01') => ({ key, used });

/** Its builder was killed before it was finished. */
const unfinishedTemplate = (key: string) =>
  make({ kind: 'template', run: newRunKey(), name: `stk_template_${key}`, template: template(key) });

const finishedTemplate = (key: string, used?: string) =>
  make({
    ...{ kind: 'template', run: newRunKey(), name: `stk_template_${key}` },
    template: { ...template(key, used), seal: { row: '', settings: '' } },
  });

/** Ends with the test. */
async function hold(lock: number, name: string, lifetime: Lifetime): Promise<void> {
  const holder = await connectTo(url, { purpose: 'test' });
  lifetime.defer('unlock', () => holder.end());
  await takeLock(holder, lock, name, { waitsFor: 'it', timeout: 5_000 });
}

const sweep = (how: 'drop' | 'look' = 'drop') =>
  withClient(connectTo(url, { purpose: 'sweep' }), async (client) => {
    const { dropped, failures } = await sweepDatabases(client, how);
    return [...dropped, ...failures];
  });

test('what dead runs left goes, two sweeps at once do it once', async () => {
  const [run, other] = [newRunKey(), newRunKey()];
  const left = [
    await cloneOf(run),
    await cloneOf(other, `stk_${other}_11_admin`),
    (await make({ kind: 'run', run, name: `stk_template_${run}_default`, template: template(run) })).name,
    (await unfinishedTemplate('0123456789abcdef')).name,
  ];
  expect((await sweep('look')).sort()).toEqual(left.sort());
  const dropped = await Promise.all([sweep(), sweep()]);
  expect(dropped.flat().sort()).toEqual(left.sort());
  expect(await databases()).toEqual([]);
  expect(await entries()).toBe(0);
});

test('what a killed maker was making goes: not made yet, made under its first name, and while it is made', async () => {
  const run = newRunKey();
  const note = { kind: 'run', run, name: `stk_${run}_0` } as const;
  for (const makes of [
    undefined,
    'CREATE DATABASE stk_making_1',
    'SELECT pg_sleep(60); CREATE DATABASE stk_making_2',
  ]) {
    const maker = await connectTo(url, { purpose: 'test' });
    await register(maker, note, makes?.split(' ').at(-1) ?? 'stk_making_0');
    const active = maker.query(makes ?? 'SELECT 1').catch((error: Error) => error);
    if (makes?.includes('sleep')) {
      const sleeping = () => admin.query(`SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60);%'`);
      await expect.poll(async () => (await sleeping()).rowCount).toBe(1);
    } else await active.then(() => maker.end());
  }
  expect(await dropRun(url, run)).toEqual(['stk_making_1']);
  expect(await databases()).toEqual([]);
  expect(await entries()).toBe(0);
});

test('nothing of a living run goes', async () => {
  await using mine = new Lifetime();
  const run = newRunKey();
  const kept = [
    await cloneOf(run),
    (await unfinishedTemplate('0123456789abcdef')).name,
    (await finishedTemplate('fedcba9876543210')).name,
  ];
  await hold(RUN_LOCK, run, mine);
  await hold(BUILD_LOCK, '0123456789abcdef', mine);
  expect(await sweep()).toEqual([]);
  expect(await databases()).toEqual(kept.sort());
});

test("an application's own COMMENT ON DATABASE changes nothing", async () => {
  const run = newRunKey();
  const { name } = await unfinishedTemplate('0123456789abcdef');
  const left = [await cloneOf(run), name];
  for (const each of left) await admin.query(`COMMENT ON DATABASE ${each} IS 'the application'`);
  expect((await sweep()).sort()).toEqual(left.sort());
});

test('a copy of a clone, and one that was renamed or made anew, are whoever made them', async () => {
  const [run, kept] = [newRunKey(), newRunKey()];
  const [copied, renamed, remade] = [
    await cloneOf(run),
    await cloneOf(run, `stk_${run}_1`),
    await cloneOf(run, `stk_${run}_2`),
  ];
  const { entry, name } = await make({ kind: 'run', run: kept, name: `stk_kept_${kept}_1` });
  await admin.query(amendment({ ...entry, note: { ...entry.note, kind: 'kept' } }));
  await admin.query(`CREATE DATABASE stk_copy TEMPLATE ${copied}`);
  await admin.query(`ALTER DATABASE ${renamed} RENAME TO stk_saved`);
  await admin.query(`ALTER DATABASE ${name} RENAME TO stk_kept_for_good`);
  await admin.query(`DROP DATABASE ${remade}`);
  await admin.query(`CREATE DATABASE ${remade}`);
  expect(await sweep()).toEqual([copied]);
  expect(await databases()).toEqual(['stk_copy', 'stk_kept_for_good', 'stk_saved', remade].sort());
  expect(await entries()).toBe(0);
});

test('an entry that came with a dump of another server proves nothing', async () => {
  const run = newRunKey();
  const name = await cloneOf(run);
  // What pg_dump writes of it.
  const { rows } = await admin.query(
    `SELECT objoid, quote_literal(description) AS text FROM pg_description WHERE classoid = 'pg_largeobject'::regclass`,
  );
  await admin.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
  for (const { objoid, text } of rows) {
    await admin.query(`SELECT lo_create(${objoid}); COMMENT ON LARGE OBJECT ${objoid} IS ${text}`);
  }
  expect(await sweep()).toEqual([]);
  expect(await databases()).toEqual([name]);
});

test('a database goes whose dropping was interrupted, and one that somebody is connected to', async () => {
  const run = newRunKey();
  const [interrupted, used] = [await cloneOf(run), await cloneOf(run, `stk_${run}_1`)];
  await admin.query(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${interrupted}'`);
  const psql = await connect({ connectionString: withDatabase(url, used) }, 'test', { purpose: 'psql' });
  expect(await dropRun(url, run)).toHaveLength(2);
  await expect(psql.query('SELECT 1')).rejects.toThrow();
});

test('of finished templates the twenty used last stay, those of yesterday, and those in use', async () => {
  await using mine = new Lifetime();
  const keyOf = (number: number) => String(number).padStart(16, '0');
  const today = new Date().toISOString().slice(0, 10);
  const kept: string[] = [];
  for (let number = 0; number < 20; number += 1) kept.push((await finishedTemplate(keyOf(number), today)).name);
  const [old, inUse, noted] = [
    await finishedTemplate(keyOf(20)),
    await finishedTemplate(keyOf(21)),
    await finishedTemplate(keyOf(22)),
  ];
  const { signal } = new AbortController();
  const run = await useExisting({ url, run: newRunKey(), connections: 1, signal, lifetime: mine });
  await run.use(inUse);
  const dead = new Lifetime();
  await (await useExisting({ url, run: newRunKey(), connections: 1, signal, lifetime: dead })).use(noted);
  await dead.close();
  expect(await sweep()).toEqual([old.name]);
  expect(await databases()).toEqual([...kept, inUse.name, noted.name]);
});
