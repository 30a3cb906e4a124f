// A pool of one stack whose servers are a log of what becomes of them, on a real Postgres and over real leases: what a worker talks to in the tests of this
// folder. Every lease takes another slot, so that none waits for the end of the one before.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import type { ServerOptions } from '../../config/options.ts';
import type { TestRef, WorkerEvent } from '../../events.ts';
import { Lease } from '../../lease/client.ts';
import type { Deltas, Marks, Response } from '../../lease/protocol.ts';
import type { RunFile, WorkspaceInfo } from '../../lease/run-file.ts';
import {
  type Claim,
  type Leasable,
  type LeasableStacks,
  LeaseServer,
  type Lease as ServedLease,
  type StackMessage,
} from '../../lease/server.ts';
import { openControl } from '../../rewind/control.ts';
import { installCapture } from '../../rewind/install.ts';
import { mark } from '../../rewind/mark.ts';
import { type Cluster, startCluster } from '../../rewind/testing/cluster.ts';
import { BetweenTests } from '../between-tests.ts';
import { ServerState } from '../server-state.ts';
import { Session } from '../session.ts';

/** A worker that has leased the stack. */
export interface Worker {
  readonly session: Session;
  readonly between: BetweenTests;
}

export class TestPool implements LeasableStacks, Leasable {
  /** The test that ran last. */
  last: TestRef | undefined;
  /** The last test of a group that its worker did not end. */
  carriedOver: TestRef | undefined;
  /** Makes the stack's worktree anew each time it opens; undefined: it has none. */
  makeWorktree: (() => Promise<WorkspaceInfo>) | undefined;
  /** The options of the stack's servers. */
  servers: readonly ServerOptions[] = [];
  /** What was to become of them: `end web`, `start`; called before it is answered. */
  onServers: (what: string) => unknown = () => {};
  /** All that workers have reported. */
  readonly reported: WorkerEvent[] = [];
  readonly #cluster: Cluster;
  readonly #admin: pg.Client;
  readonly #owner: string;
  readonly #folder: string;
  readonly #server: LeaseServer;
  #serial = 0;
  #database = '';
  #oid = '';
  #worktree: WorkspaceInfo | undefined;
  #app: pg.Client | undefined;
  #base: { readonly marks: Marks; readonly preludes: number } = { marks: [], preludes: 0 };
  #preludes: Deltas[] = [];
  #fixtures = new Map<string, Record<string, Deltas>>();

  private constructor(cluster: Cluster, admin: pg.Client, owner: string, folder: string) {
    this.#cluster = cluster;
    this.#admin = admin;
    this.#owner = owner;
    this.#folder = folder;
    this.#server = new LeaseServer(this);
  }

  /** @param owner makes the schema, and rewinds; one that is no superuser notices DDL in the catalog */
  static async start(major: string, schema: string, owner: 'postgres' | 'weak'): Promise<TestPool> {
    const cluster = await startCluster(major);
    const admin = await cluster.connect('postgres');
    await admin.query('CREATE ROLE weak LOGIN CREATEDB');
    await admin.query(`CREATE DATABASE template OWNER ${owner} ${cluster.copied}`);
    const client = await cluster.connect('template', owner);
    await client.query(schema);
    await installCapture(client);
    await client.end();
    const folder = await mkdtemp(join(tmpdir(), 'stk-pool-'));
    const pool = new TestPool(cluster, admin, owner, folder);
    await pool.#server.listen(join(folder, 'socket'));
    return pool;
  }

  /** The application's connection to the stack's database. */
  get app(): pg.Client {
    if (!this.#app) throw new Error('no stack is open');
    return this.#app;
  }

  /** The name of the stack's database. */
  get database(): string {
    return this.#database;
  }

  /** Another connection of the application's. */
  connect(database: string): Promise<pg.Client> {
    return this.#cluster.connect(database, this.#owner);
  }

  get port(): number {
    return this.#cluster.port;
  }

  /** Forgets everything, and opens the stack on a new clone. */
  async openAgain(): Promise<void> {
    this.#preludes = [];
    this.#fixtures = new Map();
    await this.#open();
  }

  /** A new worker takes the stack; what the last one left is still there. */
  async lease(project: string): Promise<Worker> {
    const run = { socket: join(this.#folder, 'socket'), leaseTimeout: 60_000 } as RunFile;
    const claim = { slot: ++this.#serial, variant: 'default', worker: this.#serial, project };
    const { lease, response } = await Lease.take(run, claim);
    if (response.type !== 'ready') throw new Error(`not ready: ${response.type}`);
    const session = await Session.begin(lease, response, new ServerState(this.servers, response.stack));
    return { session, between: new BetweenTests(session) };
  }

  async close(): Promise<void> {
    await this.#server.close(0);
    await this.#app?.end();
    await this.#admin.end();
    await this.#cluster.close();
    await rm(this.#folder, { recursive: true });
  }

  async find(): Promise<Leasable> {
    return this;
  }

  refuse(error: unknown): Response {
    return { type: 'skip', reason: String(error) };
  }

  async bind(lease: ServedLease): Promise<void> {
    lease.send(this.#ready(lease));
    this.carriedOver = undefined;
  }

  receive(lease: ServedLease, request: StackMessage): void {
    const { project } = lease;
    if (request.type === 'fresh') void this.#open().then(() => lease.send(this.#ready(lease)));
    else if (request.type === 'end') this.#serve(`end ${request.servers}`, lease);
    else if (request.type === 'restart') this.#serve('start', lease);
    else if (request.type === 'turn') lease.send(this.#ready(lease));
    else if (request.type === 'turn-over' && request.prelude) this.#preludes.push(request.prelude);
    else if (request.type === 'base') this.#base = { marks: request.marks, preludes: request.preludes };
    else if (request.type === 'event') this.reported.push(request.event);
    else if (request.type === 'carried-over') this.carriedOver = request.test;
    else if (request.type === 'fixture') {
      this.#fixtures.set(project, { ...this.#fixtures.get(project), [request.name]: request.delta });
    }
  }

  #serve(what: string, lease: ServedLease): void {
    void Promise.resolve(this.onServers(what)).then(() => lease.send(this.#ready(lease)));
  }

  #ready({ slot, project }: Claim): Response {
    const url = `postgres://${this.#owner}@127.0.0.1:${this.#cluster.port}/${this.#database}`;
    return {
      type: 'ready',
      stack: {
        slot,
        variant: 'default',
        key: 'stk_test',
        url: undefined,
        servers: Object.fromEntries(this.servers.map(({ name = 'web' }) => [name, 'http://localhost:1'])),
        logs: {},
        database: this.#database,
        databaseUrl: url,
        databases: [{ name: 'main', database: this.#database, url }],
        env: {},
        workspace: this.#worktree,
      },
      last: this.last,
      carriedOver: this.carriedOver,
      servers: 'new',
      proved: true,
      rewindable: {
        databases: [{ name: 'main', url, oid: this.#oid, base: this.#base.marks[0] ?? 0, sequences: 'rewind' }],
        applied: this.#base.preludes,
        preludes: this.#preludes.slice(this.#base.preludes),
      },
      fixtures: this.#fixtures.get(project) ?? {},
    };
  }

  async #open(): Promise<void> {
    await this.#app?.end();
    await this.#dropAll();
    this.#database = `clone_${++this.#serial}`;
    await this.#admin.query(
      `CREATE DATABASE ${this.#database} OWNER ${this.#owner} TEMPLATE template ${this.#cluster.copied}`,
    );
    const { rows } = await this.#admin.query('SELECT oid::text AS oid FROM pg_database WHERE datname = $1', [
      this.#database,
    ]);
    this.#oid = rows[0].oid;
    this.#app = await this.#cluster.connect(this.#database, this.#owner);
    const client = await this.#cluster.connect(this.#database, this.#owner);
    this.#base = { marks: [await mark(await openControl(client))], preludes: 0 };
    await client.end();
    this.#worktree = await this.makeWorktree?.();
  }

  /** The clone, whatever a test has made of it. */
  async #dropAll(): Promise<void> {
    const { rows } = await this.#admin.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname NOT IN ('postgres', 'template')",
    );
    for (const { name } of rows) await this.#admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
}
