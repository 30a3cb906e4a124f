// A server of the user's, by `database.url`: checked before anything is made, then leased for the run.
import { StacksError } from '../../errors.ts';
import type { Lifetime } from '../../lifetime.ts';
import { APPLICATION } from '../../names.ts';
import { RUN_LOCK, takeLock } from '../client/advisory-lock.ts';
import { type Client, connect, KEEPALIVE, withClient } from '../client/connection.ts';
import { databaseEnv, serverTitle, withDatabase, withLogin } from '../client/connection-string.ts';
import type { DatabaseServer } from '../database-server.ts';
import { countingIn } from '../statements/counting.ts';
import { ConnectionBudget } from './connection-budget.ts';
import { AGREED, readFacts, refusePooler, refuseUnfit, unreachable } from './refuse-unfit.ts';
import { useTemplate } from './template-use.ts';

export interface ExistingOptions {
  /** `database.url`. Nothing is done in the database that it names. */
  readonly url: string;
  readonly run: string;
  /** `database.connections`: as many there must be for one stack at least. */
  readonly connections: number;
  readonly signal: AbortSignal;
  readonly lifetime: Lifetime;
}

/** Throws DATABASE_UNREACHABLE, DATABASE_UNFIT (too old, a pooler, a role that may not do what we need) or DATABASE_FULL. */
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
  const connectionBudget = new ConnectionBudget(lease, title);
  await connectionBudget.mustFit(connections);

  const { PGHOST: host = 'localhost', PGPORT: port } = databaseEnv(url);
  return {
    kind: 'existing',
    cluster: 'none',
    folder: undefined,
    installation: undefined,
    log: undefined,
    host,
    port: Number(port),
    version: facts.version,
    versionNumber: facts.number,
    // Templates belong to their role: another one's applications could not use them.
    identity: `existing ${facts.version} ${facts.locale} ${facts.role} ${facts.others}`,
    durability: facts.fsync === 'off' ? 'none' : 'stock',
    owner: facts.role,
    connectionBudget,
    connect: ({ database, ...options }) =>
      database === undefined
        ? connectTo(url, options)
        : connect({ connectionString: withDatabase(url, database) }, title, options),
    urlFor: (database) => withDatabase(url, database),
    // Where it is, and in which form, only its administrator knows.
    logStatements: async () => undefined,
    countStatements: async (stacks) => {
      const found = await withClient(connectTo(url, { purpose: 'look for counts' }), countingIn);
      if ('why' in found) return found;
      const fits = await connectionBudget.mustFit(stacks * (connections + 1)).then(
        () => true,
        () => false,
      );
      return fits ? found : { why: `there are not enough connections for ${stacks} stacks with one more each` };
    },
    use: (template) => useTemplate(lease, template),
    putAway: async () => {},
    lost,
    close: () => lease.end(),
  };
}

/** A session on the server of `url`, in the agreed database. */
export function connectTo(url: string, options: Parameters<typeof connect>[2]): Promise<Client> {
  const title = serverTitle(url);
  return connect({ connectionString: withDatabase(url, AGREED) }, title, options).catch((error) => {
    throw error instanceof StacksError ? unreachable(error, title, databaseEnv(url).PGUSER) : error;
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
