// Every setting that a role may have, or a session, with a value that nobody expects.
import type pg from 'pg';

export interface OddSetting {
  readonly name: string;
  readonly value: string;
}

/** Which of a setting's values: the least or the greatest number, the first or the last other word. */
export type Odd = 'least' | 'greatest';

/** What a role's or a database's setting may name though it is not there; a session's may not. */
export const NONE_SUCH = 'none_such';

/**
 * Those that `client`'s server has and that a role may set: an ordinary one, or a superuser.
 * @throws when it has one of text that has no odd value here, and no reason
 */
export async function oddSettings(client: pg.Client, may: 'anybody' | 'superuser', odd: Odd): Promise<OddSetting[]> {
  const contexts = may === 'superuser' ? ['user', 'superuser'] : ['user'];
  await client.query('DO $$ BEGIN END $$'); // of plpgsql, too
  const { rows } = await client.query<Setting>(SETTINGS, [contexts]);
  return rows.flatMap((setting) => {
    const { name } = setting;
    if (name in WITHOUT || OF_THE_LOG.test(name)) return [];
    const value = name in TEXTS ? TEXTS[name]?.[odd] : ordinary(setting, odd);
    if (value === undefined)
      throw new Error(`no odd value is known for the setting ${name}: add it to TEXTS or WITHOUT`);
    return [{ name, value }];
  });
}

/** `whose`: `ROLE x`, `DATABASE y`, `ROLE x IN DATABASE y`. */
export function alter(whose: string, { name, value }: OddSetting): string {
  const values = /search_path|tablespaces/.test(name) ? value.split(', ') : [value];
  return `ALTER ${whose} SET ${name} TO ${values.map((each) => `'${each}'`).join(', ')}`;
}

interface Setting {
  readonly name: string;
  readonly vartype: 'bool' | 'enum' | 'integer' | 'real' | 'string';
  readonly usual: string | null;
  readonly least: string | null;
  readonly greatest: string | null;
  readonly words: readonly string[] | null;
}

function ordinary({ vartype, usual, least, greatest, words }: Setting, odd: Odd): string | undefined {
  if (vartype === 'bool') return usual === 'on' ? 'off' : 'on';
  const others = (vartype === 'enum' ? (words ?? []) : [least, greatest]).filter((each) => each !== usual);
  const value = (odd === 'least' ? others.at(0) : others.at(-1)) ?? usual ?? undefined;
  return Number(value) > 1e300 ? '1e9' : value;
}

/** Of text, and numbers whose limits say nothing: an application with them would not work, with or without capture. */
const TEXTS: Readonly<Record<string, Readonly<Record<Odd, string>>>> = {
  DateStyle: { least: 'German', greatest: 'SQL, DMY' },
  TimeZone: { least: 'Asia/Kolkata', greatest: 'America/St_Johns' },
  client_encoding: { least: 'LATIN1', greatest: 'SQL_ASCII' },
  createrole_self_grant: { least: 'set', greatest: 'set, inherit' },
  default_table_access_method: { least: NONE_SUCH, greatest: NONE_SUCH },
  default_tablespace: { least: NONE_SUCH, greatest: NONE_SUCH },
  temp_tablespaces: { least: NONE_SUCH, greatest: NONE_SUCH },
  default_text_search_config: { least: 'pg_catalog.english', greatest: 'pg_catalog.german' },
  extra_float_digits: { least: '-15', greatest: '3' },
  lc_monetary: { least: 'C.UTF-8', greatest: 'POSIX' },
  lc_numeric: { least: 'C.UTF-8', greatest: 'POSIX' },
  lc_time: { least: 'C.UTF-8', greatest: 'POSIX' },
  lc_messages: { least: 'C.UTF-8', greatest: 'POSIX' },
  restrict_nonsystem_relation_kind: { least: 'view', greatest: 'view, foreign-table' },
  search_path: { least: 'odd, pg_catalog, public', greatest: '' },
  timezone_abbreviations: { least: 'India', greatest: 'Australia' },
  'plpgsql.extra_errors': { least: 'all', greatest: 'too_many_rows' },
  'plpgsql.extra_warnings': { least: 'all', greatest: 'none' },
  wal_consistency_checking: { least: 'heap', greatest: 'all' },
  // Milliseconds.
  ...Object.fromEntries(
    ['statement', 'lock', 'idle_in_transaction_session', 'idle_session', 'transaction'].map((what) => [
      `${what}_timeout`,
      { least: '50s', greatest: '60s' },
    ]),
  ),
  wal_sender_timeout: { least: '1min', greatest: '1h' },
  deadlock_timeout: { least: '1', greatest: '1h' },
  // Kilobytes.
  max_stack_depth: { least: '200', greatest: '1900' },
  temp_file_limit: { least: '0', greatest: '100000' },
};

/** Why some are left as they are. */
const WITHOUT: Readonly<Record<string, string>> = {
  application_name: 'a session has its own',
  transaction_deferrable: 'of a transaction, not of a session',
  transaction_isolation: 'of a transaction, not of a session',
  transaction_read_only: 'of a transaction, not of a session',
  local_preload_libraries: 'has to name a file',
  session_preload_libraries: 'has to name a file',
  dynamic_library_path: 'has to name a folder',
  extension_control_path: 'has to name a folder',
  extension_destdir: 'has to name a folder',
  output_plugin_libraries: 'of replication',
};

/** What a server writes there about sessions, which no session sees. */
const OF_THE_LOG = /^(log_|debug_print_|trace_|backtrace_)/;

const SETTINGS = `
  SELECT name, vartype, boot_val AS usual, min_val AS least, max_val AS greatest, enumvals AS words
    FROM pg_catalog.pg_settings WHERE context = ANY ($1) ORDER BY name`;
