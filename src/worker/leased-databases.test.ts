// A worker's marks: late writes, sessions of earlier workers, what a fresh clone takes over.
import type pg from 'pg';
import type { Control } from '../rewind/control.ts';
import { mark } from '../rewind/mark.ts';
import { expect, test } from '../rewind/testing/database.ts';
import { LeasedDatabases } from './leased-databases.ts';

const MAJOR = '18';
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)';
const urlOf = ({ host, port, user, database }: pg.Client) =>
  `postgres://${user}@127.0.0.1:${port}/${database}?host=${encodeURIComponent(host)}`;
const ids = async (app: pg.Client) => (await app.query('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id);
const lease = async ({ app, control }: { app: pg.Client; control: Control }) => {
  const { rows } = await app.query('SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()');
  const database = {
    name: 'main',
    url: urlOf(app),
    oid: rows[0].oid,
    base: await mark(control),
    sequences: 'rewind' as const,
  };
  return new LeasedDatabases({ databases: [database], applied: 0, preludes: [] });
};

test('what is carried over is where the next mark is, and stays until the baseline', async ({ testDatabase }) => {
  const stack = await testDatabase(MAJOR, SCHEMA);
  const databases = await lease(stack);
  await databases.moveBaseline();
  await stack.app.query('INSERT INTO t VALUES (2)');
  databases.carryOver();
  expect(databases.isMarked).toBe(false);
  await databases.moveMark();
  await stack.app.query('INSERT INTO t VALUES (3)');
  expect((await databases.rewindTo(databases.latest)).tables).toMatchObject([{ table: 'public.t', deleted: 1 }]);
  expect(await ids(stack.app)).toEqual([1, 2]);
  databases.forgetMark();
  await databases.rewindTo(databases.latest);
  expect(await ids(stack.app)).toEqual([1]);
  await databases.end();
});

test('a new lease ends the sessions of earlier workers, and no others', async ({ testDatabase }) => {
  const stack = await testDatabase(MAJOR, SCHEMA);
  const before = await lease(stack);
  await before.moveMark();
  const after = await lease(stack);
  await after.rewindTo(after.latest);
  for (let n = 0; n < 2; n += 1) {
    await expect(before.rewindTo(before.latest)).rejects.toThrow('STACK_NOT_LEASED: the stack was taken away');
  }
  expect(await ids(stack.app)).toEqual([1]);
  await after.rewindTo(after.latest);
  await after.end();
});

test('a fresh clone takes over what was there at the baseline and at the mark', async ({ testDatabase }) => {
  const [broken, fresh] = [await testDatabase(MAJOR, SCHEMA), await testDatabase(MAJOR, SCHEMA)];
  const old = await lease(broken);
  await broken.app.query('INSERT INTO t VALUES (2)');
  await old.moveBaseline();
  await broken.app.query('INSERT INTO t VALUES (3)');
  await old.moveMark();
  await broken.app.query('DROP TABLE t');
  const anew = await lease(fresh);
  await anew.takeOver(await old.changesToReplay());
  expect(await ids(fresh.app)).toEqual([1, 2, 3]);
  anew.forgetMark();
  await anew.rewindTo(anew.latest);
  expect(await ids(fresh.app)).toEqual([1, 2]);
  await Promise.all([old.end(), anew.end()]);
});
