// A server of the user's, by `database.url`: checked before anything is made, then leased for the run.
import { StacksError } from '../../errors.ts';
import type { Lifetime } from '../../lifetime.ts';
import { RUN_LOCK, takeLock } from '../client/advisory-lock.ts';
import { APPLICATION, type Client, connect, withClient } from '../client/connection.ts';
import { databaseEnv, databaseOf, serverTitle, withDatabase, withLogin } from '../client/connection-string.ts';
import type { DatabaseServer } from '../database-server.ts';
import { Room } from './connection-budget.ts';
import { poolerError, readFacts, refusePooler, refuseUnfit } from './refuse-unfit.ts';
import { useTemplate } from './template-use.ts';

export interface ExistingOptions {
  /** `database.url`. The database that it names is the one where our locks are: everyone must name the same. */
  readonly url: string;
  readonly run: string;
  /** `database.connections`: as many there must be for one stack at least. */
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly lifetime: Lifetime;
}

/**
 * Throws DATABASE_UNREACHABLE, DATABASE_UNFIT (too old, a pooler, a template, a role that may not create databases) or
 * DATABASE_FULL.
 */
export async function useExisting(options: ExistingOptions): Promise<DatabaseServer> {
  const { run, connections, signal, lifetime } = options;
  const title = serverTitle(options.url);
  const { facts, url, lease } = await withClient(
    connectTo(options.url, { purpose: 'check', signal }),
    async (client) => {
      const facts = await readFacts(client);
      refuseUnfit(facts, title);
      const url = withLogin(options.url, client);
      const lease = await connectTo(url, { purpose: `lease ${run}` });
      lifetime.defer(`end the lease on ${title}`, () => lease.end());
      await refusePooler(client, lease, title);
      return { facts, url, lease };
    },
  );
  const lost = watch(lease, title);
  await lease.query(KEEPALIVE);
  await takeLock(lease, RUN_LOCK, run, { waitsFor: 'the lock of this run', timeout: 10_000 });
  const room = new Room(lease, title);
  await room.mustFit(connections);

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
    room,
    connect: ({ database, ...options }) =>
      connectTo(database === undefined ? url : withDatabase(url, database), options),
    urlFor: (database) => withDatabase(url, database),
    use: (fingerprint) => useTemplate(lease, fingerprint),
    putAway: async () => {},
    lost,
    close: () => lease.end(),
  };
}

/** A host that vanishes must not hold its lease for two hours. */
const KEEPALIVE = 'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';

/** A session on the server of `url`, in the database that it names. */
export function connectTo(url: string, options: Parameters<typeof connect>[2]): Promise<Client> {
  const title = serverTitle(url);
  return connect({ connectionString: url }, title, options).catch((error) => {
    if (!(error instanceof StacksError)) throw error;
    const reason = error.details.facts?.reason ?? '';
    // PgBouncer's words for settings that it cannot give to a session which it shares.
    if (/unsupported startup parameter/.test(reason)) throw poolerError(title, reason);
    const hint =
      error.details.hint ??
      `check that the server runs and that \`database.url\` names it, a role and a database that exist (now "${databaseOf(url) ?? ''}").`;
    throw new StacksError(error.code, error.summary, { ...error.details, hint, cause: error.cause });
  });
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
