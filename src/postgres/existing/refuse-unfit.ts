// What a server of the user's must be for us, asked before anything is made.
import { StacksError } from '../../errors.ts';
import type { Client } from '../client/connection.ts';

export interface Facts {
  readonly version: string;
  readonly number: number;
  readonly fsync: string;
  readonly role: string;
  readonly isStandby: boolean;
  readonly mayCreate: boolean;
  /** Whether the role may write entries of the registry, and others may not write in them. */
  readonly mayRegister: boolean;
  readonly areEntriesSafe: boolean;
  readonly locale: string;
  /** What else makes another template of the same inputs: settings of the role, versions of extensions. */
  readonly others: string;
}

const OLDEST = 130_000;

/**
 * Where our locks and our registry are, whichever database a connection string names: locks hold in one database, and runs
 * that do not see each other's destroy each other's. It can be no other one: a session on `template1` fails everybody's
 * CREATE DATABASE, and entries there would be copied into every new database.
 */
export const AGREED = 'postgres';

export async function readFacts(client: Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(FACTS);
  const [facts] = rows;
  if (!facts) throw new Error('no answer'); // a SELECT without FROM has one row
  return facts;
}

/** Throws DATABASE_UNFIT. */
export function refuseUnfit(facts: Facts, title: string): void {
  const { number, version, role } = facts;
  if (number < OLDEST) {
    throw new StacksError('DATABASE_UNFIT', `Postgres at ${title} is version ${version}, too old.`, {
      hint: 'set `database.url` to a server of version 13 or newer.',
    });
  }
  if (facts.isStandby) {
    throw new StacksError('DATABASE_UNFIT', `Postgres at ${title} is a standby, which takes no writes.`, {
      hint: 'let `database.url` name its primary, or add `?target_session_attrs=read-write` to several hosts.',
    });
  }
  if (!facts.mayCreate) {
    throw new StacksError('DATABASE_UNFIT', `the role "${role}" may not create databases at ${title}.`, {
      hint: `run \`ALTER ROLE "${role}" CREATEDB\` as a superuser there.`,
    });
  }
  if (!facts.mayRegister) {
    throw new StacksError('DATABASE_UNFIT', `the role "${role}" may not create large objects at ${title}.`, {
      facts: { why: 'runs note there which databases they have made' },
      hint: `run \`GRANT EXECUTE ON FUNCTION lo_create(oid), lo_unlink(oid) TO "${role}"\` as a superuser in the database "postgres" there.`,
    });
  }
  if (!facts.areEntriesSafe) {
    throw new StacksError('DATABASE_UNFIT', `\`lo_compat_privileges\` is on at ${title}.`, {
      facts: { why: 'any role could write in what runs note about the databases that they have made' },
      hint: 'turn it off: it is for applications written before Postgres 9.0.',
    });
  }
}

/** Of a failure to connect to the agreed database, with what to do about it. */
export function unreachable(error: StacksError, title: string, role = '<role>'): StacksError {
  const { facts: { reason = '' } = {}, hint } = error.details;
  // PgBouncer's words for settings that it cannot give to a session which it shares.
  if (/unsupported startup parameter/.test(reason)) return poolerError(title, reason);
  const remedy = remedyOf(Reflect.get(Object(error.cause), 'code'), reason, role);
  if (remedy === undefined) {
    const check = 'check that the server runs, and that `database.url` names it and a role that exists.';
    return new StacksError(error.code, error.summary, { ...error.details, hint: hint ?? check, cause: error.cause });
  }
  const why = 'runs know of each other by what is in it, whichever database `database.url` names';
  return new StacksError('DATABASE_UNFIT', `the database "${AGREED}" at ${title} cannot be used.`, {
    facts: { reason, why },
    hint: remedy,
    cause: error.cause,
  });
}

function remedyOf(code: unknown, reason: string, role: string): string | undefined {
  if (code === '3D000') return `run \`CREATE DATABASE ${AGREED}\` there; it may stay empty.`;
  if (code === '42501') return `run \`GRANT CONNECT ON DATABASE ${AGREED} TO "${role}"\` as a superuser there.`;
  const isRule = code === '28000' && reason.includes(`"${AGREED}"`);
  return isRule ? `let the server's pg_hba.conf admit the role "${role}" to that database.` : undefined;
}

/**
 * Two sessions of ours in one backend, or one in two: a pooler is in between, which gives each transaction to whatever
 * session is free, and a lock of ours to nobody. Throws DATABASE_UNFIT.
 */
export async function refusePooler(one: Client, other: Client, title: string): Promise<void> {
  const before = await backend(one);
  await other.query('BEGIN'); // takes the backend that `one` has given back, where there is a pooler
  const its = await backend(other);
  const after = await backend(one);
  await other.query('COMMIT');
  if (before === after && its !== before) return;
  throw poolerError(title, 'two sessions shared one backend');
}

function poolerError(title: string, reason: string): StacksError {
  return new StacksError('DATABASE_UNFIT', `a connection pooler answers at ${title}, not Postgres itself.`, {
    facts: { reason },
    hint: 'let `database.url` name the server behind it (on hosted databases the direct or session connection, often port 5432): a pooler breaks session locks, by which runs know of each other.',
  });
}

async function backend(client: Client): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid;
}

const FACTS = `
  SELECT current_setting('server_version')          AS version,
         current_setting('server_version_num')::int AS number,
         current_setting('fsync')                   AS fsync,
         pg_is_in_recovery()                        AS "isStandby",
         current_user                               AS role,
         (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS "mayCreate",
         has_function_privilege('pg_catalog.lo_create(oid)', 'EXECUTE')
           AND has_function_privilege('pg_catalog.lo_unlink(oid)', 'EXECUTE') AS "mayRegister",
         current_setting('lo_compat_privileges') = 'off' AS "areEntriesSafe",
         (SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype)
            FROM pg_catalog.pg_database WHERE datname = 'template1') AS locale,
         md5(concat_ws(' ',
           (SELECT string_agg(concat_ws(' ', setrole, setconfig::text), ',' ORDER BY setrole)
              FROM pg_catalog.pg_db_role_setting
             WHERE setdatabase = 0
               AND (setrole = 0 OR setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user))),
           (SELECT string_agg(concat_ws(' ', name, default_version), ',' ORDER BY name)
              FROM pg_catalog.pg_available_extensions))) AS others`;
