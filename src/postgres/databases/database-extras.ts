// What CREATE DATABASE … TEMPLATE does not copy: the database's settings, its privileges, its connection limit.
import type { Client } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';

interface Setting {
  /** Null: for every role. */
  readonly role: string | null;
  /** `name=value`, as pg_db_role_setting has it. */
  readonly setting: string;
}

interface Privilege {
  /** Null: PUBLIC. */
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface DatabaseExtras {
  readonly settings: readonly Setting[];
  /** Undefined: the default ones. */
  readonly privileges: readonly Privilege[] | undefined;
  readonly connectionLimit: number;
  readonly bytes: number;
}

/** Reads them of the database `name`. */
export async function readExtras(client: Client, name: string): Promise<DatabaseExtras> {
  const { rows: settings } = await client.query<Setting>(SETTINGS, [name]);
  const { rows: privileges } = await client.query<Privilege>(PRIVILEGES, [name]);
  const { rows } = await client.query<{ limit: number; bytes: string; default: boolean }>(REST, [name]);
  const [rest] = rows;
  return {
    settings,
    privileges: rest?.default === false ? privileges : undefined,
    connectionLimit: rest?.limit ?? -1,
    bytes: Number(rest?.bytes ?? 0),
  };
}

/** The statements that give them to the database `name` of `owner`. */
export function replayExtras({ settings, privileges }: DatabaseExtras, name: string, owner: string): string[] {
  const database = quoteIdent(name);
  const statements = settings.map(({ role, setting }) => {
    const whose = role === null ? `DATABASE ${database}` : `ROLE ${quoteIdent(role)} IN DATABASE ${database}`;
    return `ALTER ${whose} SET ${assignment(setting)}`;
  });
  if (!privileges) return statements;
  statements.push(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${quoteIdent(owner)}`);
  for (const { grantee, privilege, grantable } of privileges) {
    const to = grantee === null ? 'PUBLIC' : quoteIdent(grantee);
    statements.push(`GRANT ${privilege} ON DATABASE ${database} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`);
  }
  return statements;
}

/** Settings whose stored value is a list of quoted identifiers (GUC_LIST_QUOTE), as pg_dump knows them. */
const LISTS = new Set(['local_preload_libraries', 'search_path', 'session_preload_libraries', 'temp_tablespaces']);

function assignment(setting: string): string {
  const at = setting.indexOf('=');
  const [name, value] = [setting.slice(0, at), setting.slice(at + 1)];
  const values = LISTS.has(name.toLowerCase()) ? splitIdentifiers(value) : [value];
  return `${quoteIdent(name)} TO ${values.map(quoteLiteral).join(', ') || "''"}`;
}

/** `"$user", public` → `$user`, `public`. */
function splitIdentifiers(list: string): string[] {
  const parts = list.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g);
  return [...parts].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

const SETTINGS = `
  SELECT rolname AS role, unnest(setconfig) AS setting
    FROM pg_catalog.pg_db_role_setting
    JOIN pg_catalog.pg_database d ON d.oid = setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = setrole
   WHERE datname = $1`;

const PRIVILEGES = `
  SELECT rolname AS grantee, privilege_type AS privilege, is_grantable AS grantable
    FROM pg_catalog.pg_database, pg_catalog.aclexplode(datacl) a
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
   WHERE datname = $1`;

const REST = `
  SELECT datconnlimit AS "limit", pg_catalog.pg_database_size(oid) AS bytes, datacl IS NULL AS "default"
    FROM pg_catalog.pg_database
   WHERE datname = $1`;
