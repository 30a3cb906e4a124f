// The application cannot notice capture: the same program gives the same answers with it and without.
import type pg from 'pg';
import { rowsOf } from './client.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `DO $$ BEGIN CREATE ROLE noticer; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN pos AS int CHECK (value > 0); CREATE SCHEMA app AUTHORIZATION noticer; CREATE SCHEMA other AUTHORIZATION noticer;
  SET ROLE noticer; SET search_path = app;
  CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, m public.mood DEFAULT 'sad', v int CHECK (v < 1000), at timestamptz DEFAULT '2020-01-01 00:00+00');
  CREATE TABLE c (id serial PRIMARY KEY, t bigint REFERENCES t ON DELETE CASCADE DEFERRABLE, p public.pos); CREATE TABLE l (n int, note text);
  CREATE TABLE part (id int, k int, v int) PARTITION BY LIST (k); CREATE TABLE part1 PARTITION OF part FOR VALUES IN (1); CREATE TABLE part2 PARTITION OF part FOR VALUES IN (2); CREATE TABLE part3 (id int, k int, v int);
  CREATE TABLE inh (a int); CREATE TABLE kid (b int) INHERITS (inh); CREATE VIEW vt AS SELECT id, name FROM t;
  INSERT INTO t (name, v) SELECT 'n' || g, g FROM generate_series(1, 9) g; INSERT INTO c (t, p) SELECT g, g FROM generate_series(1, 9) g;
  CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '% % %', tg_op, tg_level, pg_trigger_depth(); IF tg_level = 'ROW' AND tg_op = 'DELETE' THEN RETURN old; END IF; RETURN new; END $$;
  RESET ROLE`;

/** Each program runs as the schema's owner, statement by statement, on a database with capture and on one without. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'lastval, currval, RETURNING and row counts': [
    `INSERT INTO t (name) VALUES ('a'), ('b') RETURNING *`,
    'SELECT lastval()',
    `SELECT currval('t_id_seq'), currval(pg_get_serial_sequence('t', 'id'))`,
    'INSERT INTO c (t) VALUES (1) RETURNING id',
    'SELECT lastval()',
    'UPDATE t SET v = 1 WHERE id < 4 RETURNING id, v',
    'SELECT lastval()',
    'DELETE FROM t WHERE id = 2 RETURNING *',
    'UPDATE t SET v = 1 WHERE false',
    'DELETE FROM l',
    'TRUNCATE l',
    `DO $$ DECLARE n int; BEGIN UPDATE t SET v = 2; GET DIAGNOSTICS n = ROW_COUNT; RAISE NOTICE '% %', n, found; END $$`,
    `INSERT INTO t (name) VALUES ('x') ON CONFLICT (id) DO UPDATE SET name = 'y' RETURNING xmax = 0`,
    `COPY t (name) FROM PROGRAM 'true'`,
  ],
  errors: [
    'INSERT INTO t (name) VALUES (NULL)',
    'UPDATE t SET v = 5000',
    'INSERT INTO c (t) VALUES (999)',
    'INSERT INTO c (p) VALUES (-1)',
    `INSERT INTO t (id, name) VALUES (1, 'x')`,
    `INSERT INTO t (id, name) OVERRIDING SYSTEM VALUE VALUES (1, 'x')`,
    'UPDATE missing SET a = 1',
    'DELETE FROM t WHERE id = 1/0',
    'BEGIN',
    'SET CONSTRAINTS ALL DEFERRED',
    'INSERT INTO c (t) VALUES (999)',
    'COMMIT',
    'SELECT lastval()',
  ],
  'ALTER, RENAME and DROP of everything': [
    'ALTER TABLE t ADD a int',
    'ALTER TABLE t ADD b int DEFAULT 7',
    `UPDATE t SET a = 1 RETURNING *`,
    'ALTER TABLE t ADD d timestamptz DEFAULT clock_timestamp()',
    'UPDATE t SET a = 2',
    'ALTER TABLE t ALTER v TYPE bigint',
    'ALTER TABLE t ALTER m TYPE text',
    'ALTER TABLE t ALTER m DROP DEFAULT',
    'UPDATE t SET v = 3',
    'ALTER TABLE t DROP COLUMN at',
    'UPDATE t SET v = 4 RETURNING v',
    'ALTER TABLE t RENAME COLUMN name TO "~stk~n"',
    'UPDATE t SET v = 5',
    'ALTER TABLE t RENAME TO t9',
    `INSERT INTO t9 ("~stk~n") VALUES ('x') RETURNING id`,
    'ALTER TABLE t9 SET SCHEMA other',
    'UPDATE other.t9 SET v = 6',
    'DELETE FROM other.t9 WHERE id = 3',
    'ALTER TABLE c ALTER p TYPE int',
    'DROP TYPE public.mood',
    'DROP TABLE other.t9 CASCADE',
    'CREATE TABLE t (id int)',
    'INSERT INTO t VALUES (1)',
    'DROP SCHEMA other CASCADE',
    'UPDATE app.c SET p = 1',
    'DROP TABLE app.c',
  ],
  'partitions come and go': [
    'INSERT INTO part VALUES (1, 1, 1), (2, 2, 2)',
    'UPDATE part SET k = 3 - k',
    'ALTER TABLE part ATTACH PARTITION part3 FOR VALUES IN (3)',
    'INSERT INTO part VALUES (3, 3, 3) RETURNING tableoid::regclass',
    'CREATE TABLE part4 PARTITION OF part FOR VALUES IN (4) PARTITION BY LIST (id)',
    'CREATE TABLE part4a PARTITION OF part4 DEFAULT',
    'INSERT INTO part VALUES (4, 4, 4)',
    'ALTER TABLE part DETACH PARTITION part1',
    'INSERT INTO part1 VALUES (1, 1, 1)',
    'ALTER TABLE part ATTACH PARTITION part1 FOR VALUES IN (1)',
    'CREATE TABLE sub (id int, k int, v int) PARTITION BY LIST (id)',
    'ALTER TABLE part ATTACH PARTITION sub FOR VALUES IN (9)',
    'ALTER TABLE kid NO INHERIT inh',
    'ALTER TABLE kid INHERIT inh',
    'CREATE TABLE kid2 () INHERITS (inh)',
    'ALTER TABLE l INHERIT inh',
    'ALTER TABLE l ADD a int',
    'ALTER TABLE l INHERIT inh',
    'UPDATE inh SET a = 1',
    'SELECT count(*) FROM part',
    'DROP TABLE part',
    'DROP TABLE inh CASCADE',
  ],
  'settings of the session are its own': [
    `SET DateStyle = 'German'`,
    `SET TimeZone = 'Asia/Tokyo'`,
    'SET extra_float_digits = -5',
    `SET IntervalStyle = 'sql_standard'`,
    `UPDATE t SET at = at + interval '1 day' RETURNING at`,
    'BEGIN',
    `SET LOCAL TimeZone = 'America/Lima'`,
    'DELETE FROM t WHERE id = 5 RETURNING at',
    'SHOW TimeZone',
    'COMMIT',
    'SHOW TimeZone',
    'SHOW DateStyle',
    `SET search_path = ''`,
    'UPDATE app.t SET v = 1',
    'SHOW search_path',
    `CREATE FUNCTION app.pg_current_xact_id() RETURNS xid8 LANGUAGE sql AS 'SELECT NULL::xid8'`,
    `CREATE FUNCTION app.eq(text, text) RETURNS bool LANGUAGE sql AS 'SELECT 1/0 = 1'`,
    'CREATE OPERATOR app.= (LEFTARG = text, RIGHTARG = text, PROCEDURE = app.eq)',
    'SET search_path = app, pg_catalog',
    'UPDATE app.t SET v = 2',
    'SHOW search_path',
    'RESET ALL',
  ],
  "the application's triggers": [
    'CREATE TRIGGER a BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()',
    'CREATE TRIGGER b AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION note()',
    'CREATE TRIGGER c AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION note()',
    'CREATE TRIGGER d AFTER UPDATE ON t REFERENCING OLD TABLE AS "~stk~o" NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION note()',
    'CREATE TRIGGER "~stk_x" AFTER UPDATE OF v ON t FOR EACH ROW WHEN (old.v < 5) EXECUTE FUNCTION note()',
    `INSERT INTO t (name) VALUES ('x')`,
    'UPDATE t SET v = 1 WHERE id < 3',
    'DELETE FROM t WHERE id = 4',
    'ALTER TABLE t DISABLE TRIGGER USER',
    'UPDATE t SET v = 2 WHERE id < 3',
    'ALTER TABLE t ENABLE TRIGGER USER',
    'ALTER TABLE t DISABLE TRIGGER ALL',
    'TRUNCATE t CASCADE',
    'SET CONSTRAINTS ALL IMMEDIATE',
    'SELECT pg_trigger_depth()',
  ],
  'transactions of every kind': [
    'BEGIN READ ONLY',
    'SELECT count(*) FROM t',
    'UPDATE t SET v = 1',
    'ROLLBACK',
    'BEGIN READ ONLY',
    'CREATE TEMP TABLE tmp (id int)',
    'ROLLBACK',
    'CREATE TEMP TABLE tmp (id int)',
    'BEGIN READ ONLY',
    'INSERT INTO tmp VALUES (1)',
    'COMMIT',
    'BEGIN',
    'UPDATE t SET v = 1',
    'SAVEPOINT s',
    'DELETE FROM t',
    'ROLLBACK TO s',
    'SELECT count(*) FROM t',
    'SET TRANSACTION READ ONLY',
    'COMMIT',
    'BEGIN ISOLATION LEVEL SERIALIZABLE',
    'UPDATE t SET v = v + 1',
    'TRUNCATE c',
    'COMMIT',
    'BEGIN',
    'SELECT pg_current_xact_id_if_assigned() IS NULL',
    'UPDATE t SET v = 1 WHERE false',
    'SELECT pg_current_xact_id_if_assigned() IS NULL',
    `DECLARE cur CURSOR FOR SELECT id FROM t ORDER BY id FOR UPDATE`,
    'FETCH 2 FROM cur',
    'UPDATE t SET v = 77 WHERE CURRENT OF cur RETURNING id',
    'COMMIT',
    `PREPARE up AS UPDATE t SET v = $1 WHERE id = $2 RETURNING v`,
    'EXECUTE up(5, 6)',
    'UPDATE vt SET name = upper(name) WHERE id = 6 RETURNING *',
  ],
};

onEachMajor((major) => {
  for (const [title, program] of Object.entries(PROGRAMS)) {
    test(`${title}: the same with capture on ${major}`, async ({ testDatabase }) => {
      const { app, untouched, control } = await testDatabase(major, SCHEMA);
      for (const session of [app, untouched])
        await session.query('SET SESSION AUTHORIZATION noticer; SET search_path = app, public');
      for (const statement of program) {
        expect(await answerOf(app, statement), statement).toEqual(await answerOf(untouched, statement));
      }
      for (const session of [app, untouched]) await session.query('ROLLBACK; RESET SESSION AUTHORIZATION');
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
      // What capture itself failed at would be here; DDL is.
      expect(await rowsOf(control, `SELECT * FROM playwright_stacks.broken WHERE reason = 'capture'`)).toEqual([]);
    });
  }

  test(`a failure of capture is kept from the application on ${major}`, async ({ testDatabase }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA + SPEECHLESS);
    for (const statement of [
      `INSERT INTO app.e VALUES (1, 7)`,
      'UPDATE app.e SET id = 2',
      'DELETE FROM app.e',
      'INSERT INTO app.e VALUES (3, 8)',
      'TRUNCATE app.e',
    ]) {
      expect(await answerOf(app, statement), statement).toEqual(await answerOf(untouched, statement));
    }
    expect(await rowsOf(control, `SELECT DISTINCT reason FROM playwright_stacks.broken`)).toEqual([
      { reason: 'capture' },
    ]);
  });

  test(`serializable transactions that touch different tables do not fail with capture on ${major}`, async ({
    testDatabase,
  }) => {
    const { connect } = await testDatabase(
      major,
      [1, 2, 3, 4, 5, 6].map((n) => `CREATE TABLE t${n} (id int, v int)`).join('; '),
    );
    await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (n) => {
        const writer = await connect();
        for (let i = 0; i < 40; i++) {
          await writer.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
          await writer.query(`INSERT INTO t${n} VALUES ($1, 0)`, [i]);
          await writer.query(`UPDATE t${n} SET v = v + 1`);
          await writer.query(`DELETE FROM t${n} WHERE id < $1`, [i - 3]);
          await writer.query('COMMIT');
        }
      }),
    );
  });
});

/** A table with a type that has no text. */
const SPEECHLESS = `;
  CREATE TYPE app.speechless;
  CREATE FUNCTION app.speechless_in(cstring) RETURNS app.speechless LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
  CREATE FUNCTION app.speechless_out(app.speechless) RETURNS cstring LANGUAGE internal STABLE STRICT AS 'enum_out';
  CREATE TYPE app.speechless (INPUT = app.speechless_in, OUTPUT = app.speechless_out, LIKE = int4);
  CREATE CAST (int AS app.speechless) WITHOUT FUNCTION AS ASSIGNMENT;
  CREATE TABLE app.e (id int, v app.speechless)`;

/** All that a client is told: rows, command, count, notices; or the error. */
async function answerOf(client: pg.Client, statement: string): Promise<unknown> {
  const notices: unknown[] = [];
  const listen = (notice: { message?: string | undefined }): number => notices.push(notice.message);
  client.on('notice', listen);
  try {
    const { rows, rowCount, command } = await client.query(statement);
    return { rows, rowCount, command, notices };
  } catch (error) {
    const { code, message, detail, hint } = error as pg.DatabaseError;
    return { code, message, detail, hint, notices };
  } finally {
    client.off('notice', listen);
  }
}
