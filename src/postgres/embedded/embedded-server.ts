// The embedded server while it runs. Its password lives in this object only, never in a cluster that is kept.
import { randomBytes } from 'node:crypto';
import { messageOf, StacksError } from '../../errors.ts';
import { type Client, connect, withClient } from '../client/connection.ts';
import { connectionString } from '../client/connection-string.ts';
import { guardLeftOpen } from '../client/left-open.ts';
import { quoteLiteral } from '../client/quote.ts';
import type { DatabaseRole, DatabaseServer, ServerConnectOptions } from '../database-server.ts';
import { dropOurs } from '../databases/drop.ts';
import type { Kept } from '../databases/kept.ts';
import { ourDatabases } from '../databases/our-databases.ts';
import { COUNTING_EXTENSION, type Counting, countingIn } from '../statements/counting.ts';
import { LOG_STATEMENTS } from '../statements/log-format.ts';
import type { Binaries } from './binaries.ts';
import type { ClusterSize } from './cluster-cache.ts';
import type { ClusterKind } from './fill-cluster.ts';
import type { PostgresProcess } from './postgres-process.ts';
import { scramVerifier } from './scram.ts';

/** Milliseconds for those that were connected to notice. */
const LAST_WORDS_TIMEOUT_MS = 1_000;
/** Bytes of a parameter that are logged. */
const LONGEST_PARAMETER = '2000';
const HOST = '127.0.0.1';
const SUPERUSER = 'postgres';
/** May log in, and nothing else: no superuser, so that row-level security holds for it. */
const OWNER = 'app';
const MAINTENANCE = 'postgres';
/** Whatever libpq's variables say of other servers. */
const PLAIN = { ssl: false, sslnegotiation: 'postgres' } as const;

interface Parts {
  /** Its `cluster_name`. */
  readonly title: string;
  readonly port: number;
  /** Its own folder, and in it that of its socket. */
  readonly home: string;
  readonly socket: string;
  readonly identity: string;
  /** Whether it counts statements. */
  readonly counts: boolean;
  /** What it writes to. */
  readonly log: string;
  readonly binaries: Binaries;
  spawn(): Promise<PostgresProcess>;
  /** Keeps a copy of the stopped cluster; undefined: nothing in it is worth it. */
  readonly keep: ((size: ClusterSize) => Promise<void>) | undefined;
  /** Moves the stopped cluster to where kept ones are. */
  putAway(kept: readonly Kept[], size: ClusterSize): Promise<void>;
}

export class EmbeddedServer implements DatabaseServer {
  readonly kind = 'embedded';
  readonly durability = 'none';
  readonly connectionBudget = undefined;
  readonly host: string = HOST;
  readonly owner: string = OWNER;
  readonly port: number;
  readonly folder: string;
  readonly identity: string;
  readonly log: string;
  readonly installation: string | undefined;
  readonly lost: Promise<StacksError>;
  cluster: ClusterKind = 'initdb';
  version = '';
  versionNumber = 0;

  #parts: Parts;
  #password: string = randomBytes(24).toString('base64url');
  #process: PostgresProcess | undefined;
  #reportLoss: (error: StacksError) => void = () => {};

  constructor(parts: Parts) {
    this.#parts = parts;
    this.port = parts.port;
    this.folder = parts.home;
    this.identity = parts.identity;
    this.log = parts.log;
    this.installation = parts.binaries.native === undefined ? parts.binaries.bin : undefined;
    this.lost = new Promise((resolve) => {
      this.#reportLoss = resolve;
    });
  }

  /** Spawns it, sets the passwords over the socket, proves over TCP that it is ours who answers. */
  async start(): Promise<void> {
    const process = await this.#parts.spawn();
    this.#process = process;
    void process.ended.then(({ title }) => {
      if (this.#process === process) this.#reportLoss(this.#loss(title, process.tail()));
    });
    try {
      await this.#setPassword(scramVerifier(this.#password));
      await this.#prove();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  connect({ database = MAINTENANCE, ...options }: ServerConnectOptions): Promise<Client> {
    const { socket: host, port } = this.#parts;
    const address = { ...PLAIN, host, port, user: SUPERUSER, password: undefined, database };
    return connect(address, `127.0.0.1:${port} (embedded)`, options);
  }

  urlFor(database: string, role: DatabaseRole = 'owner'): string {
    const user = role === 'owner' ? OWNER : SUPERUSER;
    return connectionString({ host: HOST, port: this.port, user, password: this.#password, database });
  }

  async use(): Promise<void> {}

  /** For the run only: a cluster that is kept logs none. */
  async logStatements({ parameters }: { parameters: 'show' | 'hide' }): Promise<string> {
    const longest = parameters === 'show' ? LONGEST_PARAMETER : '0';
    const settings = { ...LOG_STATEMENTS, log_parameter_max_length: longest };
    await this.#alterSystem(Object.entries(settings).map(([name, value]) => `SET ${name} = ${quoteLiteral(value)}`));
    return this.log;
  }

  /** Counted are those of all databases, whichever has the extension: not the application's. */
  countStatements(): Promise<Counting | { readonly why: string }> {
    return withClient(this.connect({ purpose: 'count statements' }), async (client) => {
      await this.#addCounting(client);
      return countingIn(client);
    });
  }

  async #addCounting(client: Client): Promise<void> {
    if (this.#parts.counts) await client.query(`CREATE EXTENSION IF NOT EXISTS ${COUNTING_EXTENSION} SCHEMA public`);
  }

  /**
   * Keeps the cluster, with the templates now in it, for later runs: stopped, without passwords, then started again.
   * Ends every session. Returns why it could not be kept; undefined: it was, or there is no key to keep it under.
   */
  async publish(): Promise<string | undefined> {
    const { keep } = this.#parts;
    if (!keep) return undefined;
    await withClient(this.connect({ purpose: 'count statements' }), (client) => this.#addCounting(client));
    const size = await this.#stopForLater();
    const failure = await keep(size).then(() => undefined, messageOf);
    await this.start();
    return failure;
  }

  async putAway(kept: readonly Kept[]): Promise<void> {
    await this.#alterSystem(Object.keys(LOG_STATEMENTS).map((name) => `RESET ${name}`));
    await withClient(this.connect({ purpose: 'put away' }), async (client) => {
      for (const entry of await ourDatabases(client)) if (entry.note.kind !== 'kept') await dropOurs(client, entry);
    });
    await this.#parts.putAway(kept, await this.#stopForLater());
  }

  async close(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    await this.#stop(process, 'at once');
  }

  async #alterSystem(changes: readonly string[]): Promise<void> {
    await withClient(this.connect({ purpose: 'settings' }), async (client) => {
      for (const change of changes) await client.query(`ALTER SYSTEM ${change}`);
      await client.query('SELECT pg_reload_conf()');
    });
  }

  /** Without passwords. */
  async #stopForLater(): Promise<ClusterSize> {
    const size = await this.#size();
    await this.#setPassword(null);
    const process = this.#process;
    this.#process = undefined;
    await this.#stop(process, 'clean');
    return size;
  }

  async #stop(process: PostgresProcess | undefined, how: 'clean' | 'at once'): Promise<void> {
    const leftOpen = guardLeftOpen(this.port);
    await process?.stop(how);
    await leftOpen.closed(LAST_WORDS_TIMEOUT_MS);
  }

  async #setPassword(verifier: string | null): Promise<void> {
    const value = verifier === null ? 'NULL' : quoteLiteral(verifier);
    await withClient(this.connect({ purpose: 'set passwords' }), async (client) => {
      await client.query(`
        SET log_statement = 'none';
        SET log_duration = 'off';
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${OWNER}') THEN CREATE ROLE ${OWNER} LOGIN; END IF;
        END $$;
        ALTER ROLE ${OWNER} PASSWORD ${value};
        ALTER ROLE ${SUPERUSER} PASSWORD ${value};
      `);
    });
  }

  async #prove(): Promise<void> {
    const { port } = this;
    const address = { ...PLAIN, host: HOST, port, user: SUPERUSER, password: this.#password, database: MAINTENANCE };
    await withClient(connect(address, `${HOST}:${port}`, { purpose: 'prove' }), async (client) => {
      const { rows } = await client.query<{ title: string; version: string; number: number }>(`
        SELECT current_setting('cluster_name') AS title,
               current_setting('server_version') AS version,
               current_setting('server_version_num')::int AS number`);
      const [row] = rows;
      if (row?.title !== this.#parts.title) {
        throw new StacksError('POSTGRES_FAILED', `another Postgres than ours answers on ${HOST}:${this.port}.`, {
          hint: 'start the run again: it will choose another port.',
        });
      }
      this.version = row.version;
      this.versionNumber = row.number;
    });
  }

  #size(): Promise<ClusterSize> {
    return withClient(this.connect({ purpose: 'measure' }), async (client) => {
      const { rows } = await client.query<{ all: string; biggest: string }>(`
        SELECT sum(pg_database_size(oid)) AS all, max(pg_database_size(oid)) AS biggest FROM pg_catalog.pg_database`);
      return { clusterBytes: Number(rows[0]?.all), templateBytes: Number(rows[0]?.biggest) };
    });
  }

  #loss(ending: string, output: string[]): StacksError {
    const summary = `the embedded Postgres on port ${this.port} ended with ${ending}.`;
    return new StacksError('POSTGRES_FAILED', summary, { output });
  }
}
