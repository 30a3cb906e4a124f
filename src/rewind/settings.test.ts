// What a role's, a database's or a session's settings do to capture and rewind: nothing.
import type pg from 'pg';
import { changes } from './changes.ts';
import { openControl } from './control.ts';
import { installCapture } from './install.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, type Owner, stateOf, test } from './testing/database.ts';
import { testedMajors } from './testing/majors.ts';
import { alter, NONE_SUCH, type OddSetting, oddSettings } from './testing/odd-settings.ts';

// The schema `odd` is first in a search_path: whatever of ours is not qualified finds these.
const SCHEMA = `
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE TABLE t (id int PRIMARY KEY, v int, a int[], ta text[], m mood, f float8, i interval, d date, b bytea, x xml, mo money, rc regclass, s text, g text GENERATED ALWAYS AS (upper(s)) STORED);
  INSERT INTO t SELECT n, n, ARRAY[n, NULL], ARRAY[NULL, 'NULL', '\\x'], 'ok', 0.1::float8 + 0.2, interval '-1 day 02:03', date '2020-02-01', decode('00ff5c', 'hex'), '<a/>', 12.5, 'pg_class', E'it''s \\\\' FROM generate_series(1, 9) n;
  CREATE TABLE keyless AS SELECT id, v, a, f, i, b, rc, s FROM t; INSERT INTO keyless SELECT * FROM keyless;
  CREATE TABLE p (id int, v text) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); INSERT INTO p VALUES (1, 'a'), (2, 'b');
  CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id serial PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE); INSERT INTO parent VALUES (1), (2); INSERT INTO child (parent) VALUES (1), (2);
  CREATE SCHEMA odd; CREATE FUNCTION odd.current_setting(text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END';
  CREATE FUNCTION odd.no(text, text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END'; CREATE OPERATOR odd.= (LEFTARG = text, RIGHTARG = text, FUNCTION = odd.no);
  CREATE FUNCTION odd.no(name, name) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END'; CREATE OPERATOR odd.= (LEFTARG = name, RIGHTARG = name, FUNCTION = odd.no);
  CREATE FUNCTION odd.set_config(text, text, bool) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END';
  CREATE FUNCTION odd.pg_current_xact_id() RETURNS xid8 LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''odd''; END'`;

const WRITES: readonly string[] = [
  `INSERT INTO public.t (id, v, a, ta, m, f, i, d, b, x, mo, rc, s) SELECT id + 100, v, a, ta, m, f / 3, i, d, b, x, mo, rc, s FROM public.t`,
  `UPDATE public.t SET v = 0, f = f / 3, s = s || 'x' WHERE id > 3`,
  `UPDATE public.t SET id = id + 50; DELETE FROM public.t WHERE id < 55`,
  `DELETE FROM public.t; DELETE FROM public.keyless WHERE id < 5`,
  `UPDATE public.keyless SET f = 0.1, rc = 'pg_type' WHERE id > 2; INSERT INTO public.keyless SELECT * FROM public.keyless WHERE id = 1`,
  `TRUNCATE public.t; INSERT INTO public.t (id) VALUES (1)`,
  `UPDATE public.p SET v = 'c'; DELETE FROM public.p WHERE id = 1; INSERT INTO public.p VALUES (2, 'd')`,
  `DELETE FROM public.child WHERE id = 1; DELETE FROM public.parent WHERE id = 1; INSERT INTO public.child (parent) VALUES (2)`,
];

// Each of these pairs shows what others would; all of them are for the matrix.
const PAIRS = [
  ['postgres', 'the role', 'least', ''],
  ['postgres', 'the session', 'greatest', ''],
  ['weak', 'the database', 'greatest', ' @matrix'],
  ['weak', 'the session', 'least', ' @matrix'],
  ['postgres', 'the database', 'greatest', ' @matrix'],
  ['postgres', 'the session', 'least', ' @matrix'],
  ['weak', 'the role', 'least', ' @matrix'],
  ['weak', 'the session', 'greatest', ' @matrix'],
] as const;

let serial = 0;

for (const major of testedMajors()) {
  for (const [owner, where, odd, tag] of PAIRS) {
    test(`settings of ${where} that are odd (${odd}) change nothing for ${owner} on ${major}${major === '18' ? tag : ' @matrix'}`, async ({
      server,
    }) => {
      const { cluster, admin } = await server(major);
      const settings = await oddSettings(admin, owner === 'postgres' ? 'superuser' : 'anybody', odd);
      const testDatabase = { admin, owner, connect: (database: string) => cluster.connect(database, owner) };
      expect(await changesOf(testDatabase, where, settings)).toEqual(await changesOf(testDatabase, where, []));
    });
  }
}

interface TestDatabase {
  readonly admin: pg.Client;
  readonly owner: Owner;
  readonly connect: (database: string) => Promise<pg.Client>;
}

/** What each write changes, after which all is as it was, and which answers as it does without capture. */
async function changesOf(
  { admin, owner, connect }: TestDatabase,
  where: string,
  settings: readonly OddSetting[],
): Promise<unknown> {
  const name = `odd${++serial}`;
  const databases = [name, `${name}_plain`];
  const clients: pg.Client[] = [];
  const open = async (database: string): Promise<pg.Client> => {
    const client = await connect(database);
    clients.push(client);
    return client;
  };
  await admin.query(`CREATE DATABASE ${name} OWNER ${owner}`);
  const maker = await connect(name);
  await maker.query(SCHEMA);
  await maker.end();
  await admin.query(`CREATE DATABASE ${name}_plain OWNER ${owner} TEMPLATE ${name}`);
  try {
    if (where !== 'the session') {
      for (const database of databases) {
        const whose = where === 'the role' ? `ROLE ${owner} IN DATABASE ${database}` : `DATABASE ${database}`;
        await admin.query(settings.map((each) => alter(whose, each)).join(';'));
      }
    }
    const reader = await open(name);
    await installCapture(await open(name));
    const control = await openControl(await open(name));
    const [app, plain] = [await open(name), await open(`${name}_plain`)];
    if (where === 'the session')
      for (const client of [app, plain])
        for (const { name, value } of settings.filter((each) => each.value !== NONE_SUCH))
          await client.query('SELECT pg_catalog.set_config($1, $2, false)', [name, value]);
    const result: unknown[] = [];
    for (const write of WRITES) {
      const before = await stateOf(reader);
      const at = await mark(control);
      expect(await answerOf(app, write, 'COMMIT'), write).toEqual(await answerOf(plain, write, 'ROLLBACK'));
      result.push(await changes(control, at));
      await rewind(control, at);
      expect(await stateOf(reader), write).toEqual(before);
    }
    return result;
  } finally {
    for (const client of clients) await client.end().catch(() => {});
    for (const database of databases) await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
  }
}

/** Writes in a transaction of its own, whatever those of its session are by default. */
async function answerOf(client: pg.Client, write: string, end: 'COMMIT' | 'ROLLBACK'): Promise<unknown> {
  const answers: unknown[] = [];
  for (const text of [
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE',
    ...write.split('; '),
    end === 'COMMIT' ? 'COMMIT' : 'ROLLBACK',
  ]) {
    const { rowCount, rows } = await client.query(text);
    answers.push(text === end ? 'end' : [rowCount, rows]);
  }
  return answers;
}
