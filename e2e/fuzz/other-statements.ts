// Everything but writes of rows: transactions, sequences, settings, what is harmless, and what cannot be undone.
import { literal } from './names.ts';
import type { Statement } from './statement.ts';
import type { Make } from './writes.ts';

const plain =
  (...texts: readonly string[]): Make =>
  ({ random, table }) => ({ text: random.pick(texts).replaceAll('{table}', table.name) });

export const TRANSACTIONS: Readonly<Record<string, Make>> = {
  savepoint: plain('SAVEPOINT a', 'SAVEPOINT b', 'ROLLBACK TO a', 'ROLLBACK TO b', 'RELEASE a'),
  constraints: plain('SET CONSTRAINTS ALL DEFERRED', 'SET CONSTRAINTS ALL IMMEDIATE'),
  chain: plain('COMMIT AND CHAIN', 'ROLLBACK AND CHAIN'),
};

export const SEQUENCES: Readonly<Record<string, Make>> = {
  nextval: ({ model, random }) => {
    const name = random.pick(model.sequences);
    return { text: `SELECT nextval(${literal(name)})`, ...cached(name) };
  },
  setval: ({ model, random }) => {
    const name = random.pick(model.sequences);
    return {
      text: `SELECT setval(${literal(name)}, ${random.pick([1, 7, 1000])}, ${random.once(2)})`,
      ...cached(name),
    };
  },
  lastval: plain('SELECT lastval()'),
  currval: ({ model, random }) => ({ text: `SELECT currval(${literal(random.pick(model.sequences))})` }),
};

function cached(name: string): Partial<Statement> {
  return name.includes('cached') ? { reason: 'sequence-cache', certain: 'perhaps' } : {};
}

export const SETTINGS: Readonly<Record<string, Make>> = {
  set: plain(
    `SET DateStyle = 'German'`,
    `SET DateStyle = 'SQL, DMY'`,
    `SET TimeZone = 'Asia/Kolkata'`,
    `SET IntervalStyle = 'iso_8601'`,
    'SET extra_float_digits = -10',
    'SET extra_float_digits = 0',
    `SET bytea_output = 'escape'`,
    `SET lc_monetary = 'C'`,
    `SET xmloption = 'document'`,
    `SET search_path = ''`,
    `SET search_path = public, pg_catalog`,
    'SET row_security = on',
    `SET LOCAL TimeZone = 'America/Lima'`,
    'SET default_transaction_isolation = serializable',
  ),
  reset: plain('RESET ALL', 'DISCARD ALL', 'RESET search_path'),
  replica: plain(
    'SET session_replication_role = replica',
    'SET session_replication_role = origin',
    'SET ROLE fuzz_app',
    'RESET ROLE',
  ),
};

export const HARMLESS: Readonly<Record<string, Make>> = {
  count: plain(
    'SELECT count(*) FROM {table}',
    'SELECT * FROM {table} FOR UPDATE',
    'TABLE {table}',
    'SELECT pg_trigger_depth()',
  ),
  temporary: plain(
    'CREATE TEMP TABLE tmp (id serial PRIMARY KEY, v int)',
    'INSERT INTO pg_temp.tmp (v) VALUES (1), (2)',
    'CREATE TEMP TABLE tmp2 AS SELECT * FROM {table}',
    'TRUNCATE pg_temp.tmp',
    'DROP TABLE pg_temp.tmp',
    'CREATE TEMP VIEW tv AS SELECT 1 AS a',
    `CREATE FUNCTION pg_temp.x() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  ),
  upkeep: plain(
    'ANALYZE {table}',
    'VACUUM {table}',
    'VACUUM FULL {table}',
    'VACUUM FREEZE {table}',
    'REINDEX TABLE {table}',
  ),
  lock: plain(
    'LOCK TABLE {table} IN SHARE MODE',
    'LOCK TABLE {table} IN ROW EXCLUSIVE MODE',
    'SELECT pg_advisory_xact_lock(1)',
    'NOTIFY a',
  ),
  'create if not exists': plain('CREATE TABLE IF NOT EXISTS {table} (id int)', 'DROP TABLE IF EXISTS nothing'),
  'what DDL made': plain(
    'INSERT INTO made (v) VALUES (1)',
    'INSERT INTO made_explained VALUES (2)',
    'UPDATE made_as SET v = 2',
    'DELETE FROM renamed WHERE id = 1',
    'UPDATE {table} SET extra_column = 1',
  ),
  cursor: plain(
    'DECLARE cur CURSOR FOR SELECT * FROM {table} FOR UPDATE',
    'FETCH 2 FROM cur',
    'UPDATE {table} SET v = 77 WHERE CURRENT OF cur',
  ),
};

const ddl =
  (...texts: readonly string[]): Make =>
  (context) => ({ ...plain(...texts)(context), reason: 'ddl', certain: 'when committed' });

const perhaps =
  (...texts: readonly string[]): Make =>
  (context) => ({ ...plain(...texts)(context), reason: 'ddl', certain: 'perhaps' });

const importing = (first: string, second: string): string =>
  `DO $$ BEGIN ALTER TABLE {table} DISABLE TRIGGER USER; BEGIN ${first}; EXCEPTION WHEN OTHERS THEN ${second}; END;
    ALTER TABLE {table} ENABLE TRIGGER USER; END $$`;

export const IMPOSSIBLE: Readonly<Record<string, Make>> = {
  ddl: ddl(
    'ALTER TABLE {table} ADD extra_column int',
    `ALTER TABLE {table} ADD extra_default text DEFAULT 'x'`,
    'ALTER TABLE {table} DROP COLUMN v CASCADE',
    'ALTER TABLE {table} ALTER v TYPE bigint',
    'ALTER TABLE {table} RENAME COLUMN v TO "~stk~n"',
    'ALTER TABLE {table} RENAME TO renamed',
    'ALTER TABLE {table} DISABLE TRIGGER ALL',
    'ALTER TABLE {table} ENABLE TRIGGER ALL',
    `COMMENT ON COLUMN {table}.v IS 'x'`,
    'ALTER TABLE {table} REPLICA IDENTITY FULL',
    'ALTER TABLE {table} ALTER v SET DEFAULT 9',
    'DROP TABLE {table} CASCADE',
    'CREATE TABLE made (id serial PRIMARY KEY, v int)',
    'CREATE TABLE made_as AS SELECT * FROM {table}',
    'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) CREATE TABLE made_explained AS SELECT 1 AS v',
    'CREATE INDEX ON {table} (v)',
    'CREATE VIEW made_view AS SELECT * FROM {table}',
    'CREATE SCHEMA made_schema',
    'CREATE SEQUENCE made_sequence',
    `ALTER TYPE mood ADD VALUE 'new'`,
    `COMMENT ON TABLE {table} IS 'x'`,
    'CREATE TRIGGER made BEFORE TRUNCATE ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    `DO $$ BEGIN EXECUTE 'CREATE TABLE made (id int)'; END $$`,
    'ALTER SEQUENCE lone RESTART',
    'CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS $$SELECT $1 * 3$$',
  ),
  // Of one row of the catalog another column: their number is the same.
  alteration: ddl('ALTER TABLE {table} ENABLE ROW LEVEL SECURITY', 'GRANT SELECT ON {table} TO PUBLIC'),
  objects: ddl(
    'ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC',
    'CREATE STATISTICS made_statistics ON id, v FROM {table}',
    'DROP STATISTICS made_statistics',
    'CREATE TEXT SEARCH DICTIONARY made_dictionary (TEMPLATE = simple)',
    'ALTER TEXT SEARCH DICTIONARY made_dictionary (accept = false)',
    'CREATE TEXT SEARCH CONFIGURATION made_configuration (COPY = simple)',
    `CREATE COLLATION made_collation (locale = 'C')`,
    'ALTER COLLATION made_collation RENAME TO other_collation',
    'CREATE PUBLICATION made_publication FOR TABLE {table}',
    'DROP PUBLICATION made_publication',
    'CREATE CAST (mood AS int) WITH FUNCTION mood_number(mood)',
    'DROP CAST (mood AS int)',
    'CREATE SERVER made_server FOREIGN DATA WRAPPER made_wrapper',
    `ALTER SERVER made_server OPTIONS (ADD host 'nowhere')`,
    `COMMENT ON TYPE mood IS '@omit'`,
    'COMMENT ON COLUMN {table}.id IS NULL',
  ),
  // Of these the second may take back the first.
  'user mapping': perhaps(
    'CREATE USER MAPPING FOR CURRENT_USER SERVER far',
    'DROP USER MAPPING FOR CURRENT_USER SERVER far',
    `ALTER USER MAPPING FOR PUBLIC SERVER far OPTIONS (SET "user" 'other')`,
  ),
  'event trigger': perhaps(
    'CREATE EVENT TRIGGER made_event ON ddl_command_start EXECUTE FUNCTION on_event()',
    'DROP EVENT TRIGGER made_event',
    'ALTER EVENT TRIGGER made_event DISABLE',
  ),
  'replication slot': perhaps(
    `SELECT count(*) FROM pg_create_logical_replication_slot('{db}', 'pgoutput')`,
    `SELECT pg_drop_replication_slot('{db}')`,
  ),
  // From Postgres 17 on; what it hides is found when the next worker takes the stack.
  'event triggers off': (place) => ({
    ...perhaps(
      `DO $$ BEGIN PERFORM set_config('event_triggers', 'off', true); ALTER TABLE {table} DISABLE TRIGGER USER; DELETE FROM {table};
        ALTER TABLE {table} ENABLE TRIGGER USER; PERFORM set_config('event_triggers', 'on', true); END $$`,
      `DO $$ BEGIN PERFORM set_config('event_triggers', 'off', true); ALTER TABLE {table} ADD hidden_column int;
        PERFORM set_config('event_triggers', 'on', true); END $$`,
    )(place),
    hidden: true,
  }),
  import: ddl(
    // Without triggers, as imports are usually written.
    importing('DELETE FROM {table}', 'INSERT INTO {table} TABLE {table}'),
    importing('INSERT INTO {table} TABLE {table}', 'DELETE FROM {table}'),
  ),
  refresh: ({ model, random, table }) =>
    model.matviews.length > 0
      ? {
          text: `REFRESH MATERIALIZED VIEW ${random.pick(['', 'CONCURRENTLY '])}${random.pick(model.matviews)}`,
          reason: 'ddl',
          certain: 'when committed',
        }
      : { text: `SELECT count(*) FROM ${table.name}` },
  // The second time they change nothing.
  'settings of the database': perhaps(
    `ALTER DATABASE {db} SET TimeZone = 'Asia/Tokyo'`,
    'ALTER DATABASE {db} RESET ALL',
    'ALTER ROLE CURRENT_USER IN DATABASE {db} SET extra_float_digits = 0',
  ),
  'large object': ({ random }) => ({
    text: random.pick([
      'SELECT lo_create(4711)',
      `SELECT lo_put(4711, 0, 'abc')`,
      'SELECT lo_unlink(4711)',
      'SELECT lo_create(4712)',
    ]),
    reason: 'large-object',
    certain: 'perhaps',
  }),
};
