// A server of the user's, by `database.url`: checked before anything is made, then leased for the run.
import { StacksError } from '../errors.ts';
import type { Lifetime } from '../lifetime.ts';
import { RUN_LOCK, takeLock } from './advisory-lock.ts';
import { APPLICATION, type Client, connect, withClient } from './connection.ts';
import { databaseEnv, databaseOf, serverTitle, withDatabase } from './connection-string.ts';
import type { DatabaseServer } from './database-server.ts';

export interface ExistingOptions {
  /** `database.url`. The database that it names is the one where our locks are: everyone must name the same. */
  readonly url: string;
  readonly run: string;
  readonly signal: AbortSignal;
  readonly lifetime: Lifetime;
}

const OLDEST = 130_000;

/** Throws DATABASE_UNREACHABLE when it cannot be reached, is too old, or its role may not create databases. */
export async function useExisting({ url, run, signal, lifetime }: ExistingOptions): Promise<DatabaseServer> {
  const title = serverTitle(url);
  const facts = await withClient(connectTo(url, { purpose: 'check', signal }), readFacts);
  refuseUnfit(facts, title);

  const lease = await connectTo(url, { purpose: `lease ${run}` });
  lifetime.defer(`end the lease on ${title}`, () => lease.end());
  const lost = watch(lease, title);
  await lease.query(KEEPALIVE);
  await takeLock(lease, RUN_LOCK, run, { waitsFor: 'the lock of this run', timeout: 10_000 });

  const { PGHOST: host = 'localhost', PGPORT: port } = databaseEnv(url);
  return {
    kind: 'existing',
    cluster: 'none',
    folder: undefined,
    host,
    port: Number(port),
    version: facts.version,
    versionNumber: facts.number,
    // Templates belong to their role: another one's applications could not use them.
    identity: `existing ${facts.version} ${facts.locale} ${facts.role}`,
    durability: facts.fsync === 'off' ? 'none' : 'stock',
    owner: facts.role,
    connect: ({ database, ...options }) =>
      connectTo(database === undefined ? url : withDatabase(url, database), options),
    urlFor: (database) => withDatabase(url, database),
    lost,
    close: () => lease.end(),
  };
}

/** A host that vanishes must not hold its lease for two hours. */
const KEEPALIVE = 'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';

function connectTo(url: string, options: Parameters<typeof connect>[2]): Promise<Client> {
  return connect({ connectionString: url }, serverTitle(url), options).catch((error) => {
    if (!(error instanceof StacksError)) throw error;
    const hint = `check that the server runs and that \`database.url\` names it, a role and a database that exist (now "${databaseOf(url) ?? ''}").`;
    throw new StacksError(error.code, error.summary, { ...error.details, hint, cause: error.cause });
  });
}

interface Facts {
  readonly version: string;
  readonly number: number;
  readonly fsync: string;
  readonly role: string;
  readonly mayCreate: boolean;
  readonly locale: string;
}

async function readFacts(client: Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(`
    SELECT current_setting('server_version')          AS version,
           current_setting('server_version_num')::int AS number,
           current_setting('fsync')                   AS fsync,
           current_user                               AS role,
           (SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS "mayCreate",
           (SELECT concat_ws(' ', pg_encoding_to_char(encoding), datcollate, datctype)
              FROM pg_catalog.pg_database WHERE datname = 'template1') AS locale`);
  const [facts] = rows;
  if (!facts) throw new Error('no answer'); // a SELECT without FROM has one row
  return facts;
}

function refuseUnfit({ number, version, role, mayCreate }: Facts, title: string): void {
  if (number < OLDEST) {
    throw new StacksError('DATABASE_UNREACHABLE', `Postgres at ${title} is version ${version}, too old.`, {
      hint: 'set `database.url` to a server of version 13 or newer.',
    });
  }
  if (!mayCreate) {
    throw new StacksError('DATABASE_UNREACHABLE', `the role "${role}" may not create databases at ${title}.`, {
      hint: `run \`ALTER ROLE "${role}" CREATEDB\` as a superuser there.`,
    });
  }
}

function watch(lease: Client, title: string): Promise<StacksError> {
  return new Promise((resolve) => {
    lease.on('error', (cause) => {
      resolve(
        new StacksError('DATABASE_UNREACHABLE', `Postgres at ${title} ended the session of ${APPLICATION}.`, { cause }),
      );
    });
  });
}
