// What a test may do to what is ours in its database, and to the database itself.
import { execFileSync } from 'node:child_process';
import type { Reason } from '../../rewind/impossible.ts';
import type { TestPool } from './pool.ts';

/** Done by the application's role, after it has written a row. */
export interface Damage {
  readonly title: string;
  /** The roles that may do it. @default both */
  readonly by?: 'postgres' | 'weak';
  readonly how: (pool: TestPool) => Promise<unknown>;
  /** Why it cannot be rewound; undefined: it can. */
  readonly reason: Reason | undefined;
  /** Where the next worker is the first to notice. @default reason */
  readonly later?: Reason;
}

const sql =
  (...statements: string[]) =>
  async (pool: TestPool) => {
    for (const statement of statements) await pool.app.query(statement);
  };

/** In `postgres`, when nobody is connected to the clone any more. */
const beside = (statements: (name: string) => string[]) => async (pool: TestPool) => {
  const client = await pool.connect('postgres');
  await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [pool.database]);
  await client.query(GONE);
  for (const statement of statements(pool.database)) await client.query(statement);
  await client.end();
};

/** In `postgres`, while we are connected to the clone. */
const meanwhile = (statement: string) => async (pool: TestPool) => {
  const client = await pool.connect('postgres');
  await client.query(statement.replace('%', pool.database));
  await client.end();
};

const GONE = `DO $$ BEGIN
  WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname LIKE 'clone%') LOOP PERFORM pg_stat_clear_snapshot(); END LOOP; END $$`;

const each = (query: string) => `DO $$ DECLARE x text; BEGIN FOR x IN ${query} LOOP EXECUTE x; END LOOP; END $$`;
const SCHEMAS = `SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'`;
const TRIGGERS = `SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE starts_with(tgname, '~stk_')`;
const FUNCTIONS = `SELECT format('DROP ROUTINE %s CASCADE', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'playwright_stacks'::regnamespace AND proname NOT LIKE 'capture%'`;
const EVENT_TRIGGERS = `SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger`;
const tables = (verb: string) =>
  `SELECT format('${verb} %I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname !~ '^(pg_|information_schema)'`;

export const DAMAGES: readonly Damage[] = [
  { title: 'drops our schema', how: sql('DROP SCHEMA playwright_stacks CASCADE'), reason: 'capture' },
  { title: 'drops all schemas', how: sql(each(SCHEMAS), 'CREATE SCHEMA public'), reason: 'capture' },
  { title: 'drops what it owns', by: 'weak', how: sql('DROP OWNED BY weak'), reason: 'capture' },
  { title: 'drops our triggers', how: sql(each(TRIGGERS), 'DELETE FROM bag'), reason: 'ddl' },
  { title: 'drops our functions', how: sql(each(FUNCTIONS)), reason: 'capture' },
  {
    title: 'drops our event triggers',
    by: 'postgres',
    how: sql(each(EVENT_TRIGGERS), 'DROP TABLE bag'),
    reason: 'ddl',
  },
  { title: 'empties every table', how: sql(each(tables('TRUNCATE'))), reason: 'capture' },
  { title: 'deletes every row', how: sql(each(tables('DELETE FROM'))), reason: 'capture' },
  { title: 'empties what was captured', how: sql('TRUNCATE playwright_stacks.log'), reason: 'capture' },
  {
    title: 'empties what was captured, in replica role',
    by: 'postgres',
    how: sql(
      'SET session_replication_role = replica',
      'TRUNCATE playwright_stacks.log, playwright_stacks.broken',
      'RESET session_replication_role',
    ),
    reason: 'capture',
  },
  { title: 'deletes what was captured', how: sql('DELETE FROM playwright_stacks.log'), reason: 'capture' },
  { title: 'deletes what a mark is', how: sql('DELETE FROM playwright_stacks.marks'), reason: 'capture' },
  {
    title: 'revokes our rights',
    by: 'weak',
    how: sql('REVOKE ALL ON SCHEMA playwright_stacks FROM weak'),
    reason: 'capture',
  },
  { title: 'restores a dump over the database', how: restore, reason: 'capture' },
  {
    title: 'renames the clone',
    how: beside((name) => [`ALTER DATABASE ${name} RENAME TO clone_x`]),
    reason: 'database',
  },
  { title: 'drops the clone', how: beside((name) => [`DROP DATABASE ${name}`]), reason: 'database' },
  {
    title: 'makes the clone anew',
    how: beside((name) => [`DROP DATABASE ${name}`, `CREATE DATABASE ${name} TEMPLATE template`]),
    reason: 'database',
  },
  {
    title: 'closes the clone',
    how: beside((name) => [`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`]),
    reason: 'database',
  },
  {
    title: 'closes the clone to newcomers',
    how: meanwhile('ALTER DATABASE % ALLOW_CONNECTIONS false'),
    reason: 'ddl',
    later: 'database',
  },
  { title: 'gives the clone away', by: 'postgres', how: meanwhile('ALTER DATABASE % OWNER TO weak'), reason: 'ddl' },
  {
    title: 'revokes the right to connect',
    by: 'weak',
    how: beside((name) => [`REVOKE ALL ON DATABASE ${name} FROM PUBLIC, weak`]),
    reason: 'database',
  },
  { title: 'ends our sessions', how: beside(() => []), reason: undefined },
];

/** By tools of the same version, as `pg_restore --clean` does; the rows in it are others than there are now. */
async function restore({ port, database, app }: TestPool): Promise<void> {
  const { user = '' } = app;
  const run = (tool: string, ...args: string[]) =>
    execFileSync(`/usr/lib/postgresql/15/bin/${tool}`, [...args, '-h', '127.0.0.1', '-p', `${port}`, '-U', user]);
  const file = `${process.env.TMPDIR ?? '/tmp'}/stk-${database}-${port}.dump`;
  run('pg_dump', '--format=custom', `--file=${file}`, database);
  await app.query('DELETE FROM keyed');
  run('pg_restore', '--clean', `--dbname=${database}`, file);
  execFileSync('rm', [file]);
}
