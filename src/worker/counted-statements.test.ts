// What is counted of a test, against a real Postgres.
import { expect, test } from '@playwright/test';
import type pg from 'pg';
import type { Client } from '../postgres/client/connection.ts';
import { type Counting, countingIn } from '../postgres/statements/counting.ts';
import { type Cluster, SETTINGS, startCluster } from '../rewind/testing/cluster.ts';
import { CountedStatements } from './counted-statements.ts';

test.describe.configure({ mode: 'default' });

let cluster: Cluster;
let admin: pg.Client;
test.beforeAll(async () => {
  cluster = await startCluster('18', { settings: { ...SETTINGS, shared_preload_libraries: 'pg_stat_statements' } });
  admin = await cluster.connect('postgres');
  await admin.query('CREATE ROLE app LOGIN; CREATE ROLE tenant LOGIN');
  for (const database of ['shop', 'other']) await admin.query(`CREATE DATABASE ${database} OWNER app`);
});
test.afterAll(() => cluster.close());

const url = (user: string, database: string) => `postgresql://${user}@127.0.0.1:${cluster.port}/${database}`;
const whyNot = async (client: pg.Client) => {
  const found = await countingIn(client as Client);
  return 'why' in found ? found.why : found.database;
};

test('why nothing is counted is said: no extension, no right', async () => {
  expect(await whyNot(admin)).toBe('there is no extension pg_stat_statements in the database "postgres"');
  await admin.query('CREATE EXTENSION pg_stat_statements');
  const tenant = await cluster.connect('postgres', 'tenant');
  const refused =
    'the role may not read pg_stat_statements in the database "postgres", or not reset what it has counted';
  expect(await whyNot(tenant)).toBe(refused);
  await admin.query('GRANT pg_read_all_stats TO tenant');
  expect(await whyNot(tenant)).toBe(refused);
  await admin.query('GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO tenant');
  expect(await whyNot(tenant)).toBe('postgres');
  await tenant.end();
});

test('a test is not held up by its counts', async () => {
  const counting = (await countingIn(admin as Client)) as Counting;
  const slow = { ...counting, reset: 'SELECT $1::text[], pg_sleep(60)' };
  const counted = new CountedStatements(slow, url('postgres', 'shop'), url('app', 'shop'));
  await counted.begin(['shop']);
  expect(await counted.read(['shop'])).toBeUndefined();
});

test('counted are the application’s statements of the test, of its databases, without values', async () => {
  const counting = (await countingIn(admin as Client)) as Counting;
  // Whoever may create functions there cannot have ours call them.
  await admin.query(`
    CREATE FUNCTION public.pg_stat_statements_reset(integer, oid, integer, boolean) RETURNS void LANGUAGE sql AS 'SELECT 1/0';
    CREATE FUNCTION public.pg_stat_statements_reset(oid, oid, bigint) RETURNS void LANGUAGE sql AS 'SELECT 1/0'`);
  const app = await cluster.connect('shop', 'app');
  const other = await cluster.connect('other', 'app');
  const ours = await cluster.connect('shop');
  await app.query('CREATE TABLE notes (id int, text text)');
  const counted = new CountedStatements(counting, url('postgres', 'shop'), url('app', 'shop'));
  await counted.begin(['shop']);
  for (const text of ['one', 'two']) await app.query('INSERT INTO notes VALUES (1, $1)', [text]);
  await app.query("SELECT text FROM notes WHERE text <> 'hunter2'");
  await app.query("ALTER ROLE app PASSWORD 'hunter2'");
  await app.query('SELECT 1 / 0').catch(() => {}); // what fails is not counted
  await other.query('SELECT 1');
  await ours.query('SELECT 2');
  const counts = await counted.read(['shop']);
  expect(counts).toEqual({
    ...{ count: 4, distinct: 3, rows: 4, ms: expect.any(Number) },
    longest: expect.arrayContaining([
      { sql: 'INSERT INTO notes VALUES ($2, $1)', times: 2, rows: 2, ms: expect.any(Number) },
      { sql: "ALTER ROLE app PASSWORD '***'", times: 1, rows: 0, ms: expect.any(Number) },
      { sql: 'SELECT text FROM notes WHERE text <> $1', times: 1, rows: 2, ms: expect.any(Number) },
    ]),
  });
  expect(JSON.stringify(counts)).not.toContain('hunter2');

  await counted.begin(['shop']);
  expect(await counted.read(['shop'])).toMatchObject({ count: 0, longest: [] });
  expect((await counted.read(['shop', 'other']))?.longest).toMatchObject([{ sql: 'SELECT $1' }]);
});

test('where the application has the role that asks, its statements are counted, and ours are known by our schema', async () => {
  const counting = (await countingIn(admin as Client)) as Counting;
  const app = await cluster.connect('shop', 'tenant');
  const counted = new CountedStatements(counting, url('tenant', 'shop'), url('tenant', 'shop'));
  await counted.begin(['shop']);
  await app.query('SELECT 3');
  await app.query("SELECT 'playwright_stacks' AS playwright_stacks");
  expect(await counted.read(['shop'])).toMatchObject({ count: 1, longest: [{ sql: 'SELECT $1' }] });
});

test('a session that is ended costs the counts, and no test', async () => {
  const counting = (await countingIn(admin as Client)) as Counting;
  const counted = new CountedStatements(counting, url('postgres', 'shop'), url('app', 'shop'));
  await counted.begin(['shop']);
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%: count'");
  await expect.poll(() => counted.read(['shop'])).toBeUndefined();
  await counted.begin(['shop']);
  expect(await counted.read(['shop'])).toBeUndefined();
});
