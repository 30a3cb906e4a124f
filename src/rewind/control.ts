// A control connection: the one that marks and rewinds. Its settings are made once, because changing
// session_replication_role throws away every cached plan of the session. What makes it one is a secret of the database's,
// of which the trigger functions, that everybody may read, hold the hash.
import { type Sql, sqlStateOf } from './client.ts';

declare const controls: unique symbol;
/** A connection that nothing else is done on: what it writes is not captured. */
export type Control = Sql & { readonly [controls]: true };

/** Turns `client`, connected to a database with capture, into a control connection. */
export async function openControl(client: Sql): Promise<Control> {
  try {
    await client.query(SETTINGS);
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    // This role may not: it undoes all tables together.
    await client.query(SETTINGS.replace(REPLICA, ''));
  }
  return client as Control;
}

// Images must read as capture wrote them; a snapshot must be younger than the lock that was waited for. Plans: rows are found through their key's index and a plan is made once;
// without statistics the planner would otherwise read whole tables. The lock timeout is below deadlock_timeout, so that
// it is never the application that is ended.
const REPLICA = `
  ('session_replication_role', 'replica'),`;
const SETTINGS = `
SELECT set_config(name, setting, false) FROM (VALUES
  ('stk.control', (SELECT secret FROM stk.info)),
  ('stk.database', (SELECT oid::text FROM pg_database WHERE datname = current_database())),${REPLICA}
  ('default_transaction_isolation', 'read committed'),
  ('default_transaction_read_only', 'off'),
  ('row_security', 'off'),
  ('lock_timeout', '200ms'),
  ('statement_timeout', '120s'),
  ('idle_in_transaction_session_timeout', '0'),
  ('synchronous_commit', 'off'),
  ('search_path', 'pg_catalog, pg_temp'),
  ('DateStyle', 'ISO, MDY'),
  ('IntervalStyle', 'postgres'),
  ('TimeZone', (SELECT zone FROM stk.info)),
  ('extra_float_digits', '1'),
  ('bytea_output', 'hex'),
  ('lc_monetary', 'C'),
  ('xmloption', 'content'),
  ('check_function_bodies', 'off'),
  ('client_min_messages', 'warning'),
  ('jit', 'off'),
  ('plan_cache_mode', 'force_generic_plan'),
  ('enable_seqscan', 'off'),
  ('enable_hashjoin', 'off'),
  ('enable_mergejoin', 'off'),
  ('enable_sort', 'off')
) AS s(name, setting)`;
