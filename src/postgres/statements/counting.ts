// Statements as Postgres itself counts them, for every test: pg_stat_statements. It is asked in another database than the
// application's, which finds nothing of it.
import type { Client } from '../client/connection.ts';

export const COUNTING_EXTENSION = 'pg_stat_statements';

/** Where and how they are asked for: SQL that takes the names of databases as `$1`. */
export interface Counting {
  readonly database: string;
  /** Forgets what was counted in them. */
  readonly reset: string;
  /** A row for each statement: `id`, `calls`, `ms`, `rows`. Those that took longest come first. `$2`: also of the role that asks. */
  readonly read: string;
  /** Their texts, `id` and `sql`, of the ids `$2`. */
  readonly texts: string;
}

/** @returns why not, where the extension is not in the client's database, or the role may not read it or begin anew */
export async function countingIn(client: Client): Promise<Counting | { readonly why: string }> {
  const { rows } = await client.query<Found>(FOUND);
  const [{ database, schema, isLoaded, most, isAllowed, resets } = NONE] = rows;
  const name = `pg_stat_statements in the database "${database}"`;
  if (schema === null) return { why: `there is no extension ${name}` };
  if (most !== null && most > MOST_ENTRIES) {
    return {
      why: `\`pg_stat_statements.max\` is ${most}: what each test resets is looked for among so many that others would wait`,
    };
  }
  if (!isLoaded) return { why: 'pg_stat_statements is not in the setting `shared_preload_libraries`' };
  if (!isAllowed) return { why: `the role may not read ${name}, or not reset what it has counted` };
  return {
    database,
    // Each argument has the very type of the extension's: whoever may create functions beside it has no better one.
    reset: `SELECT ${schema}.pg_stat_statements_reset(0::oid, oid, 0::bigint${resets === 4 ? ', false' : ''}) FROM ${DATABASES}`,
    read: `
      SELECT queryid::text AS id, sum(calls)::float8 AS calls, sum(total_exec_time) AS ms, sum(rows)::float8 AS rows
        FROM ${schema}.pg_stat_statements(false)
       WHERE dbid IN (SELECT oid FROM ${DATABASES}) AND queryid IS NOT NULL
         AND ($2 OR userid <> (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user))
       GROUP BY queryid
       ORDER BY ms DESC
       LIMIT ${MOST}`,
    texts: `
      SELECT DISTINCT ON (queryid) queryid::text AS id, left(query, ${LONGEST}) AS sql
        FROM ${schema}.pg_stat_statements(true)
       WHERE dbid IN (SELECT oid FROM ${DATABASES}) AND queryid = ANY ($2::bigint[])`,
  };
}

/** Distinct statements of a test that are told apart, and characters of each. */
const MOST = 2_000;
/** All of them are looked at, under a lock, when those of a test are forgotten: the default of the extension is 5,000. */
const MOST_ENTRIES = 10_000;
const LONGEST = 50_000;
const DATABASES = '(SELECT oid FROM pg_catalog.pg_database WHERE datname = ANY ($1)) AS databases';

interface Found {
  readonly database: string;
  /** As it is written in SQL. */
  readonly schema: string | null;
  readonly isLoaded: boolean;
  /** How many statements it may hold, of all databases. */
  readonly most: number | null;
  readonly isAllowed: boolean;
  /** How many arguments the function has that resets. */
  readonly resets: number | null;
}
const NONE: Found = { database: '', schema: null, isLoaded: false, most: null, isAllowed: false, resets: null };

// The setting is there once the library is loaded.
const FOUND = `
  WITH extension AS (
    SELECT oid, extnamespace::regnamespace::text AS schema FROM pg_catalog.pg_extension WHERE extname = '${COUNTING_EXTENSION}'
  ), functions AS (
    SELECT p.proname, p.pronargs, has_function_privilege(p.oid, 'EXECUTE') AS allowed
      FROM extension e
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
      JOIN pg_catalog.pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
     WHERE p.proname IN ('pg_stat_statements', 'pg_stat_statements_reset')
  )
  SELECT current_database() AS database,
         (SELECT schema FROM extension) AS schema,
         current_setting('pg_stat_statements.max', true) IS NOT NULL AS "isLoaded",
         current_setting('pg_stat_statements.max', true)::int AS most,
         pg_has_role(current_user, 'pg_read_all_stats', 'USAGE')
           AND (SELECT coalesce(bool_and(allowed), false) FROM functions) AS "isAllowed",
         (SELECT pronargs::int FROM functions WHERE proname = 'pg_stat_statements_reset') AS resets`;
