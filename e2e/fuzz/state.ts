// The whole state of a database as text: rows, sequences, large objects, and what of the schema can be switched off.
import type pg from 'pg';

export type State = Readonly<Record<string, string>>;

/** By name; every row, with its copies, or their number and digest. Rows' keys begin with `rows of`. */
export async function readState(client: pg.Client, rowsAs: 'text' | 'digest' = 'text'): Promise<State> {
  const answers = (await client.query(`${READABLE}; ${RELATIONS}`)) as unknown as pg.QueryResult[];
  const relations = (answers.at(-1)?.rows ?? []) as { name: string; kind: string }[];
  const parts = relations.map(({ name, kind }) => {
    const text = kind === 'S' ? `concat_ws(' ', last_value, is_called)` : '"~t"::text';
    const all =
      rowsAs === 'text' || kind === 'S'
        ? `string_agg(${text}, E'\\n' ORDER BY ${text} COLLATE "C")`
        : `concat_ws(' ', count(*), sum(hashtextextended(${text}, 0)))`;
    const label = `${kind === 'S' ? 'sequence' : 'rows of'} ${name}`.replaceAll("'", "''");
    return `SELECT E'${label.replaceAll('\\', '\\\\')}' AS name, ${all} AS value FROM ${kind === 'm' ? '' : 'ONLY'} ${name} "~t"`;
  });
  const { rows } = await client.query<{ name: string; value: string | null }>(
    [...parts, ...CATALOG].join('\nUNION ALL\n'),
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value ?? '']));
}

/** The same, or nothing where somebody holds a table for himself. */
export async function readStateIfFree(client: pg.Client): Promise<State | undefined> {
  return readState(client).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === '55P03') return undefined;
    throw error;
  });
}

/** What differs, name by name. */
export function differences(expected: State, actual: State): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return names.flatMap((name) => {
    const [was = '(nothing)', is = '(nothing)'] = [expected[name], actual[name]];
    return was === is
      ? []
      : [
          `${name}\n${onlyIn(was, is)
            .map((line) => `  - ${line}`)
            .join('\n')}\n${onlyIn(is, was)
            .map((line) => `  + ${line}`)
            .join('\n')}`,
        ];
  });
}

function onlyIn(one: string, other: string): string[] {
  const rest = other.split('\n');
  return one.split('\n').filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const READABLE = `RESET ALL; SET search_path = pg_catalog; SET extra_float_digits = 3; SET TimeZone = 'UTC'; SET row_security = off; SET lock_timeout = '100ms'; SET jit = off`;
const RELATIONS = `
SELECT c.oid::regclass::text AS name, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('playwright_stacks', 'pg_catalog', 'information_schema', 'pg_toast')
  AND (c.relkind <> 'm' OR c.relispopulated)
ORDER BY 1`;

const USER = `relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname IN ('playwright_stacks', 'pg_catalog', 'information_schema', 'pg_toast') OR starts_with(nspname, 'pg_temp') OR starts_with(nspname, 'pg_toast_temp'))`;
const list = (name: string, line: string, from: string): string =>
  `SELECT '${name}', string_agg(${line}, E'\\n' ORDER BY ${line} COLLATE "C") FROM ${from}`;

const CATALOG = [
  list(
    'relations',
    `concat_ws(' ', c.oid::regclass, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relispopulated, c.relacl)`,
    `pg_class c WHERE ${USER}`,
  ),
  list(
    'columns',
    `concat_ws(' ', attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, atthasdef, attisdropped)`,
    `pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attnum > 0 AND ${USER}`,
  ),
  list(
    'constraints',
    `concat_ws(' ', conrelid::regclass, conname, convalidated, condeferrable)`,
    `pg_constraint JOIN pg_class c ON c.oid = conrelid WHERE ${USER}`,
  ),
  list(
    'triggers',
    `concat_ws(' ', tgrelid::regclass, tgname, tgenabled)`,
    `pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT starts_with(tgname, '~stk_') AND ${USER}`,
  ),
  list(
    'indexes',
    `concat_ws(' ', indexrelid::regclass, indisvalid, indisready)`,
    `pg_index JOIN pg_class c ON c.oid = indrelid WHERE ${USER}`,
  ),
  list('comments', `concat_ws(' ', classoid::regclass, description)`, 'pg_description WHERE objoid >= 16384'),
  list('publications', `concat_ws(' ', pubname, puballtables, pubinsert)`, 'pg_publication'),
  list('default privileges', 'defaclacl::text', 'pg_default_acl'),
  list('text search', 'dictname::text', 'pg_ts_dict WHERE oid >= 16384'),
  list('text search configurations', 'cfgname::text', 'pg_ts_config WHERE oid >= 16384'),
  // What is temporary goes with its session.
  list(
    'statistics',
    'stxname::text',
    `pg_statistic_ext JOIN pg_namespace n ON n.oid = stxnamespace WHERE NOT starts_with(nspname, 'pg_temp')`,
  ),
  list('collations', 'collname::text', 'pg_collation WHERE oid >= 16384'),
  list('casts', `concat_ws(' ', castsource::regtype, casttarget::regtype)`, 'pg_cast WHERE oid >= 16384'),
  list('foreign servers', `concat_ws(' ', srvname, srvoptions)`, 'pg_foreign_server'),
  list('user mappings', `concat_ws(' ', umuser, umserver, umoptions)`, 'pg_user_mapping'),
  list(
    'event triggers',
    `concat_ws(' ', evtname, evtenabled)`,
    `pg_event_trigger WHERE NOT starts_with(evtname, 'stk_on_')`,
  ),
  list('replication slots', 'slot_name::text', 'pg_replication_slots WHERE database = current_database()'),
  list(
    'settings of the database',
    `concat_ws(' ', setrole, setconfig)`,
    'pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())',
  ),
  list('large objects', `concat_ws(' ', loid, pageno, encode(data, 'hex'))`, 'pg_largeobject'),
  list('large objects by name', 'oid::text', 'pg_largeobject_metadata'),
  list(
    'functions',
    `concat_ws(' ', regexp_replace(p.oid::regprocedure::text, 'pg_temp_\\d+', 'pg_temp'), md5(p.prosrc))`,
    `pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname NOT IN ('playwright_stacks', 'pg_catalog', 'information_schema') AND NOT starts_with(n.nspname, 'pg_temp')`,
  ),
];
