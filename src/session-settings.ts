// What our sessions settle for themselves, whatever role, database and server say: what ends a session, what our SQL
// means and how values are written. Each is a setting that any role may set.

type Settings = Readonly<Record<string, string>>;

/** Of all versions: what ends a session. What a statement of ours may take is said where it is run. */
const LIFE: Settings = { idle_in_transaction_session_timeout: '0', tcp_user_timeout: '0', exit_on_error: 'off' };
/** Of newer versions. */
const NEWER_LIFE: Settings = { idle_session_timeout: '0', transaction_timeout: '0' };

/** Of all versions: what our SQL means and how it is run, how its values are written, where what it makes is stored. */
const MEANING: Settings = {
  search_path: 'pg_catalog, pg_temp',
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  escape_string_warning: 'off',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  row_security: 'on',
  check_function_bodies: 'off',
  client_min_messages: 'warning',
  lock_timeout: '0',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  default_tablespace: '',
  default_table_access_method: 'heap',
  temp_tablespaces: '',
  password_encryption: 'scram-sha-256',
  work_mem: '16MB',
  jit: 'off',
  plan_cache_mode: 'auto',
  max_parallel_workers_per_gather: '0',
};
/** Of newer versions, and of later fixes of older ones; the memory's is 13's: 12 is to be told that it is too old. */
const NEWER_MEANING: Settings = {
  restrict_nonsystem_relation_kind: '',
  hash_mem_multiplier: '2',
};

/** For a session that runs SQL of ours. */
export const OURS: Settings = { ...LIFE, ...NEWER_LIFE, ...MEANING, ...NEWER_MEANING };
/** For one that runs SQL of the user's, or asks what the user's sessions find: it only lives on. */
export const INHERITED: Settings = { ...LIFE, ...NEWER_LIFE };

/**
 * libpq's `options`: they hold from the session's first moment, and RESET goes back to them. Without those that not all
 * versions know: a server that does not would refuse the session.
 */
export function asOptions(settings: Settings): string {
  return Object.entries(settings)
    .filter(([name]) => !(name in NEWER_LIFE || name in NEWER_MEANING))
    .map(([name, value]) => `-c ${name}=${value.replace(/[\\\s]/g, '\\$&')}`)
    .join(' ');
}

/** A statement, in which those are left out that the server does not know. Qualified: `search_path` may be anything. */
export function asStatement(settings: Settings): string {
  const values = Object.entries(settings).map(([name, value]) => `('${name}', '${value.replaceAll("'", "''")}')`);
  return `SELECT pg_catalog.set_config(s.name, s.value, false) FROM (VALUES ${values.join(', ')}) AS s(name, value)
    WHERE pg_catalog.current_setting(s.name, true) IS NOT NULL`;
}

/** The rest: what `asOptions` leaves out. */
export function asLaterStatement(settings: Settings): string {
  const newer = Object.entries(settings).filter(([name]) => name in NEWER_LIFE || name in NEWER_MEANING);
  return asStatement(Object.fromEntries(newer));
}
