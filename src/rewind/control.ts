// A control connection: the one that marks and rewinds. Its settings are made once, because changing
// session_replication_role throws away every cached plan of the session. What makes it one is a secret of the database's,
// of which the trigger functions, that everybody may read, hold the hash.
import { asStatement, OURS } from '../session-settings.ts';
import { type Sql, sqlStateOf } from './client.ts';
import { failed, isDamage } from './impossible.ts';

declare const controls: unique symbol;
/** A connection that nothing else is done on: what it writes is not captured. */
export type Control = Sql & { readonly [controls]: true };

/** Turns `client`, connected to a database with capture, into a control connection. Throws REWIND_IMPOSSIBLE where that is gone. */
export async function openControl(client: Sql): Promise<Control> {
  await settle(client, CONTROL).catch((error) => {
    throw isDamage(error) ? failed(error, 0) : error;
  });
  return client as Control;
}

/** Gives the session the settings of a control connection, for SQL that comes before there is a secret. */
export async function settle(client: Sql, more = ''): Promise<void> {
  try {
    await client.query([SETTINGS, REPLICA, more].join(';\n'));
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    // This role may not: it undoes all tables together.
    await client.query([SETTINGS, more].join(';\n'));
  }
}

// Plans: rows are found through their key's index and a plan is made once; without statistics the planner would otherwise
// read whole tables.
const SETTINGS = asStatement({
  ...OURS,
  row_security: 'off',
  statement_timeout: '120s',
  synchronous_commit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_sort: 'off',
  enable_indexscan: 'on',
  enable_indexonlyscan: 'on',
  enable_bitmapscan: 'on',
  enable_tidscan: 'on',
  enable_nestloop: 'on',
  enable_hashagg: 'on',
  seq_page_cost: '1',
  random_page_cost: '4',
  cpu_tuple_cost: '0.01',
  cpu_index_tuple_cost: '0.005',
  cpu_operator_cost: '0.0025',
  effective_cache_size: '4GB',
  recursive_worktable_factor: '10',
  from_collapse_limit: '8',
  join_collapse_limit: '8',
});

// What a superuser may, and who was granted it: nothing of the application's fires for us.
const REPLICA = `
SELECT set_config('session_replication_role', 'replica', false);
SELECT set_config(name, setting, false) FROM (VALUES ('log_statement', 'none'), ('log_duration', 'off')) AS s(name, setting)
 WHERE current_setting('is_superuser') = 'on' AND current_setting('cluster_name') LIKE 'stk-%';
SELECT set_config('event_triggers', 'off', false)
 WHERE current_setting('event_triggers', true) IS NOT NULL AND current_setting('is_superuser') = 'on'`;

// The lock timeout is below deadlock_timeout, so that it is never the application that is ended.
const CONTROL = `
SELECT set_config(name, setting, false) FROM (VALUES
  ('playwright_stacks.control', (SELECT secret FROM playwright_stacks.info)),
  ('playwright_stacks.database', (SELECT oid::text FROM pg_database WHERE datname = current_database())),
  ('TimeZone', (SELECT zone FROM playwright_stacks.info)),
  ('lock_timeout', (SELECT least(200, greatest(1, setting::integer / 2))::text FROM pg_settings WHERE name = 'deadlock_timeout'))
) AS s(name, setting)`;
