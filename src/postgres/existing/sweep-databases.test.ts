// On an existing server with living and dead runs, other people's databases, and names that try their best.
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { newGround } from '../../testing/postgres.ts';
import { BUILD_LOCK, RUN_LOCK, takeLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import { markerComment } from '../databases/marker.ts';
import { dropRun } from './drop-run.ts';
import { connectTo, useExisting } from './existing.ts';
import { sweepDatabases } from './sweep-databases.ts';
import { useTemplate } from './template-use.ts';

test.describe.configure({ mode: 'default' }); // one server
const lifetime = new Lifetime();
let url: string;
let admin: Client;

test.beforeAll(async () => {
  const ground = await newGround();
  lifetime.defer('ground', () => ground.lifetime.close());
  const server = await ground.start();
  url = server.urlFor('postgres', 'superuser');
  admin = await server.connect({ purpose: 'test' });
  await admin.query('CREATE DATABASE other_maintenance');
});
test.afterAll(() => lifetime.close());
test.afterEach(async () => {
  for (const name of await databases()) {
    await admin.query(`ALTER DATABASE ${quoteIdent(name)} WITH IS_TEMPLATE false`);
    await admin.query(`DROP DATABASE ${quoteIdent(name)} WITH (FORCE)`);
  }
});

async function databases(): Promise<string[]> {
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE datname LIKE 'stk%' ORDER BY datname`,
  );
  return rows.map(({ datname }) => datname);
}

async function create(name: string, comment?: string): Promise<string> {
  await admin.query(`CREATE DATABASE ${quoteIdent(name)}`);
  if (comment) await admin.query(`COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(comment)}`);
  return name;
}

/** Ends with the test; `database` is where the lock is. */
async function hold(lock: number, name: string, lifetime: Lifetime, database = 'postgres'): Promise<void> {
  const holder = await connectTo(url.replace(/[^/]+$/, database), { purpose: 'test' });
  lifetime.defer('unlock', () => holder.end());
  await takeLock(holder, lock, name, { waitsFor: 'it', timeout: 5_000 });
}

const sweep = (how: 'drop' | 'look' = 'drop') =>
  withClient(connectTo(url, { purpose: 'sweep' }), (client) => sweepDatabases(client, how));

test('what dead runs left goes, two sweeps at once do it once', async () => {
  const [run, other] = [newRunKey(), newRunKey()];
  const left = [
    await create(`stk_${run}_0`, markerComment({ run })),
    await create(`stk_${run}_11_admin`), // its maker was killed before the comment
    await create(`stk_template_${run}_default`, markerComment({ run, template: `${run}_default` })),
    await create(`stk_building_${other}_default`),
    await create('stk_building_0123456789abcdef'),
    await create('stk_template_0123456789abcdef', markerComment({ run, template: '0123456789abcdef' })), // not sealed
  ];
  expect((await sweep('look')).sort()).toEqual(left.sort());
  const dropped = await Promise.all([sweep(), sweep()]);
  expect(dropped.flat().sort()).toEqual(left.sort());
  expect(await databases()).toEqual([]);
});

test('nothing of a living run goes, wherever its lock is', async () => {
  await using mine = new Lifetime();
  const [here, elsewhere] = [newRunKey(), newRunKey()];
  const kept = [
    await create(`stk_${here}_0`, markerComment({ run: here })),
    await create(`stk_${elsewhere}_0`, markerComment({ run: elsewhere })),
    await create('stk_building_0123456789abcdef'),
    await create('stk_template_fedcba9876543210', markerComment({ run: here, template: 'fedcba9876543210' })),
  ];
  await admin.query('ALTER DATABASE stk_template_fedcba9876543210 WITH IS_TEMPLATE true');
  await hold(RUN_LOCK, here, mine);
  await hold(RUN_LOCK, elsewhere, mine, 'other_maintenance');
  await hold(BUILD_LOCK, '0123456789abcdef', mine);
  expect(await sweep()).toEqual([]);
  expect(await databases()).toEqual(kept.sort());
});

test('nothing goes that is not provably ours', async () => {
  const run = newRunKey().replace(/^./, 'a'); // one that has another form in upper case
  const kept = [
    await create(`stk_${run}_0`, 'mine, hands off'),
    await create(`stk_${run}_1`, markerComment({ run: newRunKey() })),
    await create(`stk_${run}`),
    await create(`stk_${run.toUpperCase()}_1`),
    await create(`stk_${run}_0"; DROP DATABASE other_maintenance; --`),
    await create(`stk_${run}_0\nstk_${run}_1`),
    await create(`stk_${run}_日本語`),
    await create(`stk_${run}_0`.padEnd(63, "'")),
    await create(`stk_kept_${run}_0`, markerComment({ run })),
    await create('stk_inventory'),
  ];
  expect(await sweep()).toEqual([]);
  expect(await dropRun(url, run)).toEqual([]);
  expect(await databases()).toEqual(kept.sort());
});

test('a database goes whose dropping was interrupted, and one that somebody is connected to', async () => {
  const run = newRunKey();
  await create(`stk_${run}_0`, markerComment({ run }));
  await create(`stk_${run}_1`, markerComment({ run }));
  await admin.query(`UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'stk_${run}_0'`);
  const psql = await connectTo(url.replace(/[^/]+$/, `stk_${run}_1`), { purpose: 'psql' });
  expect(await dropRun(url, run)).toHaveLength(2);
  await expect(psql.query('SELECT 1')).rejects.toThrow();
});

test('a CREATE DATABASE that outlives its run does not land', async () => {
  const run = newRunKey();
  const maker = await connectTo(url, { purpose: `clone stk_${run}_0` });
  const made = maker.query(`SELECT pg_sleep(60); CREATE DATABASE stk_${run}_0`).catch((error: Error) => error);
  const active = () => admin.query(`SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60);%'`);
  await expect.poll(async () => (await active()).rowCount).toBe(1);
  await dropRun(url, run);
  expect(await made).toBeInstanceOf(Error);
});

test('of finished templates the twenty used last stay, those of yesterday, and those in use', async () => {
  await using mine = new Lifetime();
  const seal = async (number: number, used?: string) => {
    const key = String(number).padStart(16, '0');
    const name = await create(`stk_template_${key}`, markerComment({ run: 'x', template: key, ...(used && { used }) }));
    await admin.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
    return { key, name };
  };
  const today = new Date().toISOString().slice(0, 10);
  const kept = [];
  for (let number = 0; number < 20; number += 1) kept.push((await seal(number, today)).name);
  const [old, inUse, noted] = [await seal(20, '2020-01-02'), await seal(21), await seal(22)];
  const run = newRunKey();
  const { signal } = new AbortController();
  const server = await useExisting({ url, run, connections: 1, signal, lifetime: mine });
  await server.use(inUse.key);
  await withClient(connectTo(url, { purpose: 'test' }), (client) => useTemplate(client, noted.key));
  expect(await sweep()).toEqual([old.name]);
  expect(await databases()).toEqual([...kept, inUse.name, noted.name]);
});
