// A worker's way back: late writes, sessions of earlier workers, checkpoints, a fresh clone that gets the past back.
import type pg from 'pg';
import { mark } from '../rewind/mark.ts';
import { expect, test } from '../rewind/testing/database.ts';
import { LeasedDatabase } from './leased-database.ts';

const MAJOR = '18';
const SCHEMA = 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)';
const urlOf = ({ host, port, user, database }: pg.Client) =>
  `postgres://${user}@127.0.0.1:${port}/${database}?host=${encodeURIComponent(host)}`;
const ids = async (app: pg.Client) => (await app.query('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id);

test('what comes in between two tests is undone and told, what hooks write is where the next begins', async ({
  stage,
}) => {
  const { app, control } = await stage(MAJOR, SCHEMA);
  const database = await LeasedDatabase.connect(urlOf(app), await mark(control), 'worker');
  await database.checkpoint();
  await app.query('INSERT INTO t VALUES (2)');
  database.keep();
  expect(await database.settle()).toBeUndefined();
  await app.query('INSERT INTO t VALUES (3)');
  expect((await database.undo()).tables).toMatchObject([{ table: 'public.t', deleted: 1 }]);
  await app.query('INSERT INTO t VALUES (4)');
  expect((await database.settle())?.tables).toMatchObject([{ table: 'public.t', deleted: 1 }]);
  expect(await ids(app)).toEqual([1, 2]);
  await database.toBaseline();
  expect(await ids(app)).toEqual([1]);
  await database.end();
});

test('a new lease ends the sessions of earlier workers, and no others', async ({ stage }) => {
  const { app, control } = await stage(MAJOR, SCHEMA);
  const base = await mark(control);
  const before = await LeasedDatabase.connect(urlOf(app), base, 'worker');
  const after = await LeasedDatabase.connect(urlOf(app), base, 'worker');
  await after.toBaseline();
  await expect(before.toBaseline()).rejects.toThrow();
  expect(await ids(app)).toEqual([1]);
  await after.end();
});

test('a fresh clone gets back what was there at the baseline and at the last test’s begin', async ({ stage }) => {
  const [broken, fresh] = [await stage(MAJOR, SCHEMA), await stage(MAJOR, SCHEMA)];
  const old = await LeasedDatabase.connect(urlOf(broken.app), await mark(broken.control), 'worker');
  await broken.app.query('INSERT INTO t VALUES (2)');
  await old.checkpoint();
  await broken.app.query('INSERT INTO t VALUES (3)');
  old.keep();
  await old.settle();
  await broken.app.query('DROP TABLE t');
  const anew = await LeasedDatabase.connect(urlOf(fresh.app), await mark(fresh.control), 'worker');
  await anew.resume(await old.past());
  expect(await ids(fresh.app)).toEqual([1, 2, 3]);
  await anew.toBaseline();
  expect(await ids(fresh.app)).toEqual([1, 2]);
  await Promise.all([old.end(), anew.end()]);
});
