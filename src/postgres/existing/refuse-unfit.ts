// What a server of the user's must be for us, asked before anything is made.
import { StacksError } from '../../errors.ts';
import type { Client } from '../client/connection.ts';

export interface Facts {
  readonly version: string;
  readonly number: number;
  readonly fsync: string;
  readonly role: string;
  readonly mayCreate: boolean;
  readonly locale: string;
  readonly database: string;
  readonly isTemplate: boolean;
}

const OLDEST = 130_000;

export async function readFacts(client: Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(FACTS);
  const [facts] = rows;
  if (!facts) throw new Error('no answer'); // a SELECT without FROM has one row
  return facts;
}

/** Throws DATABASE_UNFIT. */
export function refuseUnfit({ number, version, role, mayCreate, database, isTemplate }: Facts, title: string): void {
  if (number < OLDEST) {
    throw new StacksError('DATABASE_UNFIT', `Postgres at ${title} is version ${version}, too old.`, {
      hint: 'set `database.url` to a server of version 13 or newer.',
    });
  }
  if (isTemplate) {
    throw new StacksError('DATABASE_UNFIT', `the database "${database}" at ${title} is a template.`, {
      hint: 'let `database.url` name another one, such as "postgres": nothing is made in it, and nobody may be connected to a template that is copied.',
    });
  }
  if (!mayCreate) {
    throw new StacksError('DATABASE_UNFIT', `the role "${role}" may not create databases at ${title}.`, {
      hint: `run \`ALTER ROLE "${role}" CREATEDB\` as a superuser there.`,
    });
  }
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

export function poolerError(title: string, reason: string): StacksError {
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
         current_user                               AS role,
         (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS "mayCreate",
         (SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype)
            FROM pg_catalog.pg_database WHERE datname = 'template1') AS locale,
         current_database()                         AS database,
         (SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = current_database()) AS "isTemplate"`;
