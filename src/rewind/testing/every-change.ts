// What a statement, or a function that it calls, can change in a database beside the rows of its tables, and by what a rewind
// notices it.

/**
 * - `ddl` — by event triggers; for a role that can make none, by a digest of the catalog
 * - `compared` — a value that is compared at every rewind
 * - `later` — what event triggers were kept from seeing: when the next worker takes the stack
 * - `nothing` — it changes no result
 */
export type NoticedBy = 'ddl' | 'compared' | 'later' | 'nothing';

export interface Change {
  readonly change: string;
  readonly sql: string;
  /** @default 'ddl' */
  readonly noticed?: NoticedBy;
  /** Only a superuser may. @default both kinds of role */
  readonly by?: 'superuser';
  /** Version of Postgres. */
  readonly since?: number;
}

const inDatabase = (command: string) =>
  `DO $$ BEGIN EXECUTE format('${command.replaceAll("'", "''")}', current_database()); END $$`;

export const EVERY_CHANGE: readonly Change[] = [
  {
    change: 'ALTER DATABASE … SET',
    noticed: 'compared',
    sql: inDatabase(`ALTER DATABASE %I SET timezone = 'Asia/Tokyo'`),
  },
  { change: 'ALTER DATABASE … RESET', noticed: 'compared', sql: inDatabase(`ALTER DATABASE %I RESET search_path`) },
  {
    change: 'ALTER ROLE … IN DATABASE … SET',
    noticed: 'compared',
    sql: inDatabase(`ALTER ROLE CURRENT_USER IN DATABASE %I SET search_path = side`),
  },
  {
    change: 'ALTER DATABASE … CONNECTION LIMIT',
    noticed: 'compared',
    sql: inDatabase('ALTER DATABASE %I CONNECTION LIMIT 50'),
  },
  { change: 'GRANT … ON DATABASE', noticed: 'compared', sql: inDatabase('GRANT CREATE ON DATABASE %I TO PUBLIC') },
  { change: 'COMMENT ON TABLE', sql: `COMMENT ON TABLE t IS 'after'` },
  { change: 'COMMENT ON … IS NULL', sql: `COMMENT ON TABLE t IS NULL` },
  { change: 'COMMENT ON COLUMN', sql: `COMMENT ON COLUMN t.v IS 'x'` },
  { change: 'COMMENT ON FUNCTION', sql: `COMMENT ON FUNCTION f(int) IS 'x'` },
  { change: 'COMMENT ON SCHEMA', sql: `COMMENT ON SCHEMA side IS 'x'` },
  { change: 'COMMENT ON TYPE', sql: `COMMENT ON TYPE mood IS 'x'` },
  { change: 'COMMENT ON CONSTRAINT', sql: `COMMENT ON CONSTRAINT positive ON child IS 'x'` },
  { change: 'COMMENT ON TRIGGER', sql: `COMMENT ON TRIGGER own ON t IS 'x'` },
  { change: 'CREATE TEXT SEARCH DICTIONARY', sql: 'CREATE TEXT SEARCH DICTIONARY more (TEMPLATE = simple)' },
  { change: 'ALTER TEXT SEARCH DICTIONARY', sql: `ALTER TEXT SEARCH DICTIONARY dict (accept = false)` },
  { change: 'CREATE TEXT SEARCH CONFIGURATION', sql: 'CREATE TEXT SEARCH CONFIGURATION more (COPY = simple)' },
  {
    change: 'ALTER TEXT SEARCH CONFIGURATION',
    sql: 'ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH english_stem',
  },
  {
    change: 'ALTER TEXT SEARCH CONFIGURATION … DROP MAPPING',
    sql: 'ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR word',
  },
  { change: 'DROP TEXT SEARCH CONFIGURATION', sql: 'DROP TEXT SEARCH CONFIGURATION conf' },
  { change: 'ALTER DEFAULT PRIVILEGES', sql: 'ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC' },
  {
    change: 'ALTER DEFAULT PRIVILEGES, taken back',
    sql: 'ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC',
  },
  { change: 'CREATE CAST', sql: 'CREATE CAST (pair AS text) WITH FUNCTION pair_text(pair)' },
  { change: 'DROP CAST', sql: 'DROP CAST (mood AS int)' },
  { change: 'CREATE COLLATION', sql: `CREATE COLLATION more (locale = 'C')` },
  { change: 'ALTER COLLATION', sql: 'ALTER COLLATION coll RENAME TO other' },
  { change: 'CREATE CONVERSION', sql: `CREATE CONVERSION more FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8` },
  { change: 'ALTER CONVERSION', sql: 'ALTER CONVERSION conv RENAME TO other' },
  { change: 'CREATE STATISTICS', sql: 'CREATE STATISTICS more ON v, s FROM t' },
  { change: 'ALTER STATISTICS', sql: 'ALTER STATISTICS st SET STATISTICS 7' },
  { change: 'CREATE PUBLICATION', sql: 'CREATE PUBLICATION more' },
  { change: 'ALTER PUBLICATION', sql: `ALTER PUBLICATION pub SET (publish = 'insert')` },
  { change: 'ALTER PUBLICATION … ADD TABLE', sql: 'ALTER PUBLICATION pub ADD TABLE child' },
  {
    change: 'ALTER PUBLICATION … SET TABLE … WHERE',
    sql: 'ALTER PUBLICATION pub SET TABLE t WHERE (id > 1)',
    since: 15,
  },
  { change: 'CREATE SERVER', sql: 'CREATE SERVER more FOREIGN DATA WRAPPER postgres_fdw' },
  { change: 'ALTER SERVER', sql: `ALTER SERVER srv VERSION '2'` },
  { change: 'CREATE USER MAPPING', sql: 'CREATE USER MAPPING FOR CURRENT_USER SERVER srv' },
  { change: 'DROP USER MAPPING', sql: 'DROP USER MAPPING FOR PUBLIC SERVER srv' },
  { change: 'ALTER FOREIGN TABLE … OPTIONS', sql: `ALTER FOREIGN TABLE far OPTIONS (ADD schema_name 'x')` },
  {
    change: 'ALTER FOREIGN TABLE … ALTER COLUMN … OPTIONS',
    sql: `ALTER FOREIGN TABLE far ALTER a OPTIONS (column_name 'x')`,
  },
  {
    change: 'CREATE EVENT TRIGGER',
    noticed: 'compared',
    sql: 'CREATE EVENT TRIGGER more ON ddl_command_start EXECUTE FUNCTION noop()',
    by: 'superuser',
  },
  { change: 'ALTER EVENT TRIGGER', noticed: 'compared', sql: 'ALTER EVENT TRIGGER theirs DISABLE', by: 'superuser' },
  { change: 'DROP EVENT TRIGGER', noticed: 'compared', sql: 'DROP EVENT TRIGGER theirs', by: 'superuser' },
  {
    change: 'our event triggers off and on around DDL',
    noticed: 'compared',
    sql: 'ALTER EVENT TRIGGER stk_on_ddl DISABLE; ALTER TABLE t ADD z int; ALTER EVENT TRIGGER stk_on_ddl ENABLE ALWAYS',
    by: 'superuser',
  },
  {
    change: 'a logical replication slot',
    noticed: 'compared',
    sql: `SELECT pg_create_logical_replication_slot('slot_' || oid, 'test_decoding') FROM pg_database WHERE datname = current_database()`,
    by: 'superuser',
  },
  {
    change: 'SET event_triggers = off, triggers off and on around a write',
    noticed: 'later',
    sql: 'SET event_triggers = off; ALTER TABLE t DISABLE TRIGGER USER; DELETE FROM t; ALTER TABLE t ENABLE TRIGGER USER; RESET event_triggers',
    by: 'superuser',
    since: 17,
  },
  {
    change: 'SET event_triggers = off, our triggers off and ALWAYS on again around a write',
    noticed: 'later',
    sql: 'SET event_triggers = off; ALTER TABLE t DISABLE TRIGGER "~stk_d"; DELETE FROM t; ALTER TABLE t ENABLE ALWAYS TRIGGER "~stk_d"; RESET event_triggers',
    by: 'superuser',
    since: 17,
  },
  {
    change: 'SET event_triggers = off around other DDL',
    noticed: 'later',
    sql: 'SET event_triggers = off; ALTER TABLE t ADD z int; RESET event_triggers',
    by: 'superuser',
    since: 17,
  },
  { change: 'REFRESH MATERIALIZED VIEW', sql: 'UPDATE t SET v = 77; REFRESH MATERIALIZED VIEW m' },
  {
    change: 'REFRESH MATERIALIZED VIEW CONCURRENTLY',
    sql: 'UPDATE t SET v = 77; REFRESH MATERIALIZED VIEW CONCURRENTLY m',
  },
  { change: 'CREATE OPERATOR', sql: 'CREATE OPERATOR >>> (LEFTARG = pair, RIGHTARG = pair, PROCEDURE = smaller)' },
  { change: 'ALTER OPERATOR', sql: 'ALTER OPERATOR <<< (pair, pair) SET (RESTRICT = scalarltsel)' },
  {
    change: 'CREATE OPERATOR CLASS',
    sql: 'CREATE OPERATOR CLASS more FOR TYPE pair USING hash AS STORAGE pair',
    by: 'superuser',
  },
  {
    change: 'ALTER OPERATOR FAMILY',
    sql: 'ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 1 < (int4, int4)',
    by: 'superuser',
  },
  { change: 'CREATE AGGREGATE', sql: 'CREATE AGGREGATE more (int) (sfunc = int4pl, stype = int)' },
  {
    change: 'CREATE OR REPLACE AGGREGATE',
    sql: `CREATE OR REPLACE AGGREGATE total (int) (sfunc = int4pl, stype = int, initcond = '5')`,
  },
  { change: 'CREATE LANGUAGE', sql: 'CREATE LANGUAGE more HANDLER plpgsql_call_handler', by: 'superuser' },
  {
    change: 'CREATE ACCESS METHOD',
    sql: 'CREATE ACCESS METHOD more TYPE TABLE HANDLER heap_tableam_handler',
    by: 'superuser',
  },
  { change: 'CREATE FOREIGN DATA WRAPPER', sql: 'CREATE FOREIGN DATA WRAPPER more', by: 'superuser' },
  {
    change: 'CREATE FUNCTION … LANGUAGE internal',
    sql: 'CREATE FUNCTION tf(internal) RETURNS internal LANGUAGE internal AS $$int4out$$',
    by: 'superuser',
  },
  { change: 'CREATE EXTENSION', sql: 'CREATE EXTENSION hstore' },
  { change: 'ALTER EXTENSION … ADD', sql: 'ALTER EXTENSION citext ADD FUNCTION f(int)', by: 'superuser' },
  { change: 'ALTER EXTENSION … SET SCHEMA', sql: 'ALTER EXTENSION citext SET SCHEMA side', by: 'superuser' },
  { change: 'DROP EXTENSION', sql: 'DROP EXTENSION citext', by: 'superuser' },
  {
    change: 'CREATE SUBSCRIPTION',
    sql: `CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION pub WITH (connect = false, slot_name = NONE)`,
    by: 'superuser',
  },
  { change: 'ALTER SEQUENCE … OWNED BY', sql: 'ALTER SEQUENCE q OWNED BY t.id' },
  { change: 'ALTER SEQUENCE … INCREMENT', sql: 'ALTER SEQUENCE q INCREMENT 2' },
  { change: 'ALTER FUNCTION … DEPENDS ON EXTENSION', sql: 'ALTER FUNCTION f(int) DEPENDS ON EXTENSION citext' },
  { change: 'ALTER INDEX … DEPENDS ON EXTENSION', sql: 'ALTER INDEX t_v DEPENDS ON EXTENSION citext' },
  { change: 'ALTER TABLE … SET STATISTICS', sql: 'ALTER TABLE t ALTER v SET STATISTICS 7' },
  { change: 'ALTER TABLE … ALTER COLUMN SET (n_distinct)', sql: 'ALTER TABLE t ALTER v SET (n_distinct = 5)' },
  { change: 'ALTER TABLE … SET STORAGE', sql: 'ALTER TABLE t ALTER s SET STORAGE EXTERNAL' },
  { change: 'ALTER TABLE … SET COMPRESSION', sql: 'ALTER TABLE t ALTER s SET COMPRESSION pglz', since: 14 },
  { change: 'ALTER TABLE … REPLICA IDENTITY', sql: 'ALTER TABLE t REPLICA IDENTITY FULL' },
  { change: 'ALTER TABLE … SET (fillfactor)', sql: 'ALTER TABLE t SET (fillfactor = 50)' },
  { change: 'ALTER TABLE … SET UNLOGGED', sql: 'ALTER TABLE side.u SET UNLOGGED' },
  { change: 'ALTER TABLE … OWNER', sql: 'ALTER TABLE t OWNER TO other', by: 'superuser' },
  { change: 'ALTER TABLE … NO INHERIT', sql: 'ALTER TABLE inherited NO INHERIT base' },
  { change: 'ALTER TABLE … RENAME CONSTRAINT', sql: 'ALTER TABLE child RENAME CONSTRAINT positive TO other' },
  { change: 'ALTER TABLE … ALTER CONSTRAINT', sql: 'ALTER TABLE child ALTER CONSTRAINT child_t_fkey DEFERRABLE' },
  { change: 'ALTER TABLE … DROP CONSTRAINT', sql: 'ALTER TABLE child DROP CONSTRAINT positive' },
  { change: 'ALTER TABLE … DISABLE RULE', sql: 'ALTER TABLE side.u DISABLE RULE r2' },
  { change: 'ALTER TABLE … DISABLE TRIGGER', sql: 'ALTER TABLE t DISABLE TRIGGER own' },
  { change: 'ALTER TABLE … DETACH PARTITION', sql: 'ALTER TABLE parted DETACH PARTITION parted1' },
  { change: 'ALTER INDEX … SET STATISTICS', sql: 'ALTER INDEX t_v ALTER COLUMN 1 SET STATISTICS 7' },
  { change: 'ALTER INDEX … SET', sql: 'ALTER INDEX t_v SET (fillfactor = 50)' },
  { change: 'ALTER INDEX … RENAME', sql: 'ALTER INDEX t_v RENAME TO other' },
  { change: 'DROP INDEX', sql: 'DROP INDEX t_v' },
  { change: 'ALTER VIEW … SET', sql: 'ALTER VIEW w SET (security_barrier = true)' },
  { change: 'ALTER VIEW … SET DEFAULT', sql: 'ALTER VIEW w ALTER v SET DEFAULT 4' },
  { change: 'CREATE OR REPLACE RULE', sql: 'CREATE OR REPLACE RULE r AS ON INSERT TO w DO INSTEAD DELETE FROM t' },
  { change: 'DROP RULE', sql: 'DROP RULE r ON w' },
  { change: 'ALTER TYPE … ADD ATTRIBUTE', sql: 'ALTER TYPE pair ADD ATTRIBUTE c int' },
  { change: 'ALTER TYPE … RENAME VALUE', sql: `ALTER TYPE mood RENAME VALUE 'ok' TO 'glad'` },
  { change: 'ALTER TYPE … ADD VALUE', sql: `ALTER TYPE mood ADD VALUE 'glad'` },
  { change: 'CREATE TYPE', sql: 'CREATE TYPE more AS (a int)' },
  { change: 'ALTER DOMAIN … SET DEFAULT', sql: 'ALTER DOMAIN small SET DEFAULT 4' },
  { change: 'ALTER DOMAIN … ADD CONSTRAINT', sql: 'ALTER DOMAIN small ADD CHECK (value < 9)' },
  { change: 'ALTER FUNCTION … SET', sql: `ALTER FUNCTION f(int) SET search_path = ''` },
  { change: 'ALTER FUNCTION … COST', sql: 'ALTER FUNCTION f(int) COST 7' },
  { change: 'CREATE OR REPLACE PROCEDURE', sql: `CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS 'SELECT 2'` },
  { change: 'ALTER POLICY', sql: 'ALTER POLICY pol ON side.u USING (false)' },
  { change: 'ALTER SCHEMA … RENAME', sql: 'ALTER SCHEMA side RENAME TO other' },
  { change: 'GRANT on columns', sql: 'GRANT SELECT (v) ON t TO PUBLIC' },
  { change: 'GRANT on a function', sql: 'REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC' },
  { change: 'GRANT on a schema', sql: 'GRANT CREATE ON SCHEMA side TO PUBLIC' },
  { change: 'GRANT on schema public', sql: 'GRANT ALL ON SCHEMA public TO other', by: 'superuser' },
  { change: 'GRANT on a type', sql: 'REVOKE USAGE ON TYPE mood FROM PUBLIC' },
  { change: 'GRANT on a sequence', sql: 'GRANT USAGE ON SEQUENCE q TO PUBLIC' },
  { change: 'GRANT on a language', sql: 'REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC', by: 'superuser' },
  { change: 'GRANT on a foreign server', sql: 'GRANT USAGE ON FOREIGN SERVER srv TO PUBLIC' },
  {
    change: 'GRANT on a function of the system',
    sql: 'REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM PUBLIC',
    by: 'superuser',
  },
  {
    change: 'DROP OWNED BY, which revokes only',
    sql: 'DROP OWNED BY other',
    by: 'superuser',
  },
  { change: 'REASSIGN OWNED', sql: 'REASSIGN OWNED BY weak TO other', by: 'superuser' },
  {
    change: 'UPDATE pg_trigger',
    noticed: 'later',
    sql: `UPDATE pg_trigger SET tgenabled = 'D' WHERE tgrelid = 't'::regclass; DELETE FROM t; UPDATE pg_trigger SET tgenabled = 'A' WHERE tgrelid = 't'::regclass`,
    by: 'superuser',
  },
  {
    change: 'UPDATE pg_index',
    noticed: 'later',
    sql: `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 't_v'::regclass`,
    by: 'superuser',
  },
  {
    change: 'pg_import_system_collations()',
    noticed: 'later',
    sql: `SELECT pg_import_system_collations('side')`,
    by: 'superuser',
  },
  { change: 'CLUSTER', noticed: 'nothing', sql: 'CLUSTER t USING t_pkey' },
  { change: 'ANALYZE, VACUUM, REINDEX', noticed: 'nothing', sql: 'ANALYZE; VACUUM t; REINDEX TABLE t' },
];
