// What cannot be undone row by row is noticed, and what can be ignored is no false alarm.
import { changes } from './changes.ts';
import { deltaBetween } from './delta.ts';
import { type Reason, RewindImpossible } from './impossible.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';
import { HARMLESS, SCHEMA } from './testing/noticed-schema.ts';

const BIG = `CREATE TABLE big2 (x text); ALTER TABLE big2 ALTER x SET STORAGE PLAIN; INSERT INTO big2 SELECT repeat('x', 7000) FROM generate_series(1, 5000);
  CREATE TABLE big3 (x text); ALTER TABLE big3 ALTER x SET STORAGE EXTERNAL; INSERT INTO big3 SELECT repeat('x', 9000000) FROM generate_series(1, 4)`;

/** What a test does → the reason that rewind gives. */
const NOTICED: readonly (readonly [string, Reason])[] = [
  ['ALTER TABLE t ADD x int', 'ddl'],
  ['ALTER TABLE t ADD x int DEFAULT 5', 'ddl'],
  ['ALTER TABLE t ALTER v TYPE bigint', 'ddl'],
  ['ALTER TABLE t RENAME TO t2', 'ddl'],
  ['ALTER TABLE t DROP COLUMN v', 'ddl'],
  ['DROP TABLE t', 'ddl'],
  ['DROP TABLE numbered', 'ddl'],
  ['ALTER EVENT TRIGGER stk_on_drop DISABLE; DROP TABLE numbered', 'ddl'],
  ['DROP TYPE mood', 'ddl'],
  ["ALTER TYPE mood ADD VALUE 'b'", 'ddl'],
  ['CREATE TABLE made (id int)', 'ddl'],
  ['CREATE TABLE made AS SELECT 1', 'ddl'],
  ['SELECT 1 AS a INTO made', 'ddl'],
  ['CREATE SCHEMA made', 'ddl'],
  ['CREATE INDEX ON t (v)', 'ddl'],
  ['CREATE VIEW made AS SELECT 1', 'ddl'],
  ["CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'", 'ddl'],
  ['GRANT SELECT ON t TO PUBLIC', 'ddl'],
  ['CREATE POLICY p ON t USING (true)', 'ddl'],
  ['ALTER TABLE t ENABLE ROW LEVEL SECURITY', 'ddl'],
  ['ALTER TABLE t DISABLE TRIGGER ALL; DELETE FROM t; ALTER TABLE t ENABLE TRIGGER ALL', 'ddl'],
  ['ALTER TABLE t DISABLE TRIGGER USER; DELETE FROM t', 'ddl'],
  ['REFRESH MATERIALIZED VIEW mv', 'ddl'],
  ['ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2); INSERT INTO p VALUES (2)', 'ddl'],
  ['ALTER TABLE p DETACH PARTITION p1; INSERT INTO p1 VALUES (7)', 'ddl'],
  ['CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3); INSERT INTO p VALUES (3)', 'ddl'],
  ['ALTER SEQUENCE cached RESTART', 'ddl'],
  ["DO $$ BEGIN EXECUTE 'CREATE TABLE made (id int)'; END $$", 'ddl'],
  ['SET session_replication_role = replica; ALTER TABLE t ADD x int; RESET session_replication_role', 'ddl'],
  ['ALTER EVENT TRIGGER stk_on_ddl DISABLE; ALTER TABLE t ADD x int', 'ddl'],
  ['DROP TRIGGER "~stk_i" ON t; INSERT INTO t VALUES (50, 1)', 'ddl'],
  ['ALTER DOMAIN small ADD CONSTRAINT s CHECK (value < 100) NOT VALID; DELETE FROM d', 'ddl'],
  ['TRUNCATE big2', 'truncate'],
  ['TRUNCATE big3', 'truncate'],
  ['BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; TRUNCATE t; COMMIT', 'truncate'],
  ['SELECT lo_create(0)', 'large-object'],
  ["SELECT lo_put(4711, 0, 'abc')", 'large-object'],
  ['SELECT lo_unlink(4711)', 'large-object'],
  ["SELECT nextval('cached')", 'sequence-cache'],
  ['INSERT INTO always VALUES (1)', 'always-trigger'],
];

onEachMajor((major) => {
  for (const [write, reason] of NOTICED) {
    test(`${write.slice(0, 100)}: noticed as ${reason} on ${major}`, async ({ testDatabase }) => {
      const { app, control } = await testDatabase(major, write.includes('big') ? `${SCHEMA}; ${BIG}` : SCHEMA);
      const start = await mark(control);
      await app.query('INSERT INTO t VALUES (77, 7)');
      const whole = write.includes('BEGIN RETURN') || write.startsWith('DO');
      for (const statement of whole ? [write] : write.split('; ')) await app.query(statement);
      const error = await rewind(control, start).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RewindImpossible);
      expect((error as RewindImpossible).reason, String(error)).toBe(reason);
    });
  }

  test(`a row that was changed unseen is noticed, and nothing is undone, on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('INSERT INTO t VALUES (77, 7), (78, 8)');
    await control.query('DELETE FROM public.t WHERE id = 77'); // Not captured.
    await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'check' });
    expect((await app.query('SELECT id FROM t WHERE id > 70')).rows).toEqual([{ id: 78 }]);
  });

  test(`a rewind that a cached sequence forbids moves no other sequence on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, `CREATE SEQUENCE plain; ${SCHEMA}`);
    const start = await mark(control);
    await app.query(`SELECT nextval('plain'), nextval('cached')`);
    await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'sequence-cache' });
    expect((await app.query(`SELECT nextval('plain')::int AS n`)).rows).toEqual([{ n: 2 }]);
  });

  test(`what changes nothing is no false alarm on ${major}`, async ({ testDatabase }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const before = await stateOf(untouched);
    const start = await mark(control);
    for (const write of HARMLESS) {
      await app.query('UPDATE t SET v = v + 1');
      for (const statement of write.split('; ')) await app.query(statement);
      await rewind(control, start);
      expect(await stateOf(app), write).toEqual(before);
    }
  });

  for (const owner of ['postgres', 'weak'] as const) {
    test(`a mark remembers for those before it that triggers were off while rows were written; rewound by ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const schema = 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE u (id int)';
      for (const [off, on] of [
        ['DISABLE TRIGGER USER', 'ENABLE TRIGGER USER'],
        ['DISABLE TRIGGER "~stk_i"', 'ENABLE ALWAYS TRIGGER "~stk_i"'],
      ]) {
        const { connect, control } = await testDatabase(major, schema, owner);
        const app = await connect(owner);
        const opening = await mark(control);
        await app.query(`BEGIN; ALTER TABLE t ${off}; INSERT INTO t VALUES (2), (3); ALTER TABLE t ${on}; COMMIT`);
        const imported = await mark(control);
        await app.query('INSERT INTO t VALUES (4); DELETE FROM t WHERE id < 3; INSERT INTO u VALUES (1)');
        await rewind(control, imported);
        expect((await app.query('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id)).toEqual([1, 2, 3]);
        await expect(deltaBetween(control, opening, imported)).rejects.toMatchObject({ reason: 'ddl' });
        await expect(rewind(control, opening)).rejects.toMatchObject({ reason: 'ddl' });
      }
    });
  }

  test(`a table that EXPLAIN ANALYZE has made is captured from the next mark on, which the ones before it cannot be gone back to, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const opening = await mark(control);
    await app.query('EXPLAIN ANALYZE CREATE TABLE explained AS SELECT 1 AS a');
    const later = await mark(control);
    const before = await stateOf(app);
    await app.query('INSERT INTO explained VALUES (2); CREATE TEMP TABLE mine (id int)');
    await rewind(control, later);
    expect(await stateOf(app)).toEqual(before);
    await expect(rewind(control, opening)).rejects.toMatchObject({ reason: 'ddl' });
  });

  test(`DDL before a mark is no obstacle to going back to it on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const opening = await mark(control);
    await app.query(
      'ALTER TABLE t ADD x int DEFAULT 5; CREATE TABLE made (id serial PRIMARY KEY, t int); INSERT INTO made (t) VALUES (1); ALTER TABLE p ATTACH PARTITION p2 FOR VALUES IN (2); CREATE TABLE child () INHERITS (made); ALTER TABLE d DISABLE TRIGGER ALL; ALTER TABLE d ENABLE TRIGGER ALL',
    );
    const later = await mark(control);
    const before = await stateOf(app);
    await app.query(
      'INSERT INTO made (t) VALUES (2); UPDATE t SET x = 6; INSERT INTO p VALUES (1), (2); INSERT INTO child VALUES (9, 9); UPDATE made SET t = 3',
    );
    await app.query('SET session_replication_role = replica; DELETE FROM d; RESET session_replication_role');
    expect((await changes(control, later)).length).toBe(15);
    await rewind(control, later);
    expect(await stateOf(app)).toEqual(before);
    await expect(rewind(control, opening)).rejects.toThrow(
      /REWIND_IMPOSSIBLE: the database cannot be rewound: ALTER TABLE public.t/,
    );
  });

  test(`a generated column that is computed otherwise since before the mark on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(
      major,
      `CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
       CREATE TABLE keyed (id int PRIMARY KEY, g int GENERATED ALWAYS AS (twice(id)) STORED); INSERT INTO keyed VALUES (1), (2);
       CREATE TABLE keyless (v int, g int GENERATED ALWAYS AS (twice(v)) STORED); INSERT INTO keyless VALUES (1), (2)`,
    );
    await app.query("CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 3'");
    const start = await mark(control);
    await app.query('INSERT INTO keyed VALUES (3); INSERT INTO keyless VALUES (3)');
    await rewind(control, start);
    for (const table of ['keyed', 'keyless']) {
      const last = await mark(control);
      await app.query(`DELETE FROM ${table} WHERE g = 2`);
      await expect(rewind(control, last)).rejects.toThrow(
        `rows of public.${table} cannot be written back as they were: a generated column or a type computes other values`,
      );
    }
  });

  for (const owner of ['postgres', 'weak'] as const) {
    test(`values that would come back as others are noticed; rewound by ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const schema = `CREATE TABLE keyed (id int PRIMARY KEY, names text[], span interval); CREATE TABLE keyless (names text[], span interval);
        INSERT INTO keyed VALUES (1, '{NULL,a}', '-1 days 02:00'); INSERT INTO keyless VALUES ('{NULL,a}', '-1 days 02:00')`;
      const { app, control } = await testDatabase(major, schema, owner);
      for (const setting of ['array_nulls = off', "IntervalStyle = 'sql_standard'"]) {
        for (const write of ['DELETE FROM keyed', 'DELETE FROM keyless', "UPDATE keyed SET names = '{}'"]) {
          const start = await mark(control);
          await app.query(write);
          const before = await stateOf(app);
          await control.query(`SET ${setting}`);
          await expect(rewind(control, start), `${setting}; ${write}`).rejects.toMatchObject({ reason: 'check' });
          expect(await stateOf(app)).toEqual(before);
          await control.query("SET array_nulls = on; SET IntervalStyle = 'postgres'");
          await rewind(control, start);
        }
      }
    });
  }

  test(`a column made before a mark, whose text depends on settings, is captured whatever they are, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(
      major,
      'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)',
    );
    await app.query("ALTER TABLE t ADD at timestamptz DEFAULT '2020-01-01 00:00+00', ADD f float8 DEFAULT 0.1");
    const start = await mark(control);
    const before = await stateOf(app);
    await app.query("SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'SQL, DMY'; SET extra_float_digits = -5");
    await app.query("UPDATE t SET at = at + interval '1 day'; DELETE FROM t WHERE id = 1");
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(before);
  });
});
