// A stack, proved: that its servers and the code of its tests are on its databases, and at the end that anybody was.
import type { Events } from '../../events.ts';
import type { WorkerConnection } from '../../lease/protocol.ts';
import type { AppServer } from '../../server/app-server.ts';
import type { StackPlan } from '../pool/plan.ts';
import type { RunContext } from '../run-context.ts';
import { objectsAt } from './objects.ts';
import { countSessions, otherSessions, type SessionCount } from './other-sessions.ts';
import { ServerProof } from './server-proof.ts';
import { TestsProof } from './tests-proof.ts';

/** What a worker tells when a test has ended. */
export interface EndOfTest {
  readonly connections: readonly WorkerConnection[];
  /** How many sessions of ours the worker has opened. */
  readonly sessions: number;
}

export class StackProof {
  readonly #plan: StackPlan;
  readonly #context: RunContext;
  readonly #servers: ServerProof;
  readonly #tests: TestsProof;
  readonly #events: Events;
  #before: SessionCount | undefined;
  /** What was in the first database, where no step was to make anything; undefined: it is not looked at. */
  #objects: string | undefined;
  /** The databases are others than those that were counted first. */
  #isReopened = false;
  /** By worker. */
  readonly #sessions = new Map<number, number>();

  constructor(plan: StackPlan, context: RunContext, events: Events) {
    this.#plan = plan;
    this.#context = context;
    this.#events = events;
    this.#servers = new ServerProof(plan, context.connections, events);
    this.#tests = new TestsProof(plan.info, context.connections, events);
  }

  /** The servers need not be looked at any more. */
  get isDone(): boolean {
    return this.#servers.isDone;
  }

  /** The databases are there, and no server is started yet. */
  async begin(): Promise<void> {
    this.#isReopened = this.#before !== undefined;
    const { postgres } = this.#context;
    if (this.#isReopened || this.isDone) return;
    this.#before = await countSessions(postgres, this.#databases);
    const { variant, info } = this.#plan;
    const { migrate, seed, empty } = variant.database;
    if (variant.isDatabaseMeant && !migrate && !seed && !empty)
      this.#objects = await objectsAt(postgres, info.databaseUrl);
  }

  /**
   * The servers are ready: one that migrates when it starts has done so.
   * @throws DATABASE_UNUSED where a server is on another Postgres, and not on its stack's
   */
  async look(servers: readonly AppServer[]): Promise<void> {
    await this.#servers.look(servers);
    const before = this.#objects;
    this.#objects = undefined;
    if (before === undefined || this.#servers.wasSeen) return;
    const { slot, variant, databaseUrl } = this.#plan.info;
    if (before !== (await objectsAt(this.#context.postgres, databaseUrl))) return;
    this.#events.emit({ type: 'database-untouched', slot, variant });
  }

  /** Also at the servers that were seen on their databases. @throws DATABASE_UNUSED */
  lookAgain(servers: readonly AppServer[]): Promise<void> {
    return this.#servers.lookAgain(servers);
  }

  /** @throws DATABASE_UNUSED where a server, or code of the tests, is */
  async endOfTest(worker: number, end: EndOfTest, servers: readonly AppServer[]): Promise<void> {
    this.#sessions.set(worker, end.sessions);
    await this.#tests.look(end.connections);
    await this.#servers.look(servers);
  }

  /** Whether the stack's databases were used; undefined where no test has run, or no server is to use them. */
  async used(): Promise<'some' | 'none' | 'unknown' | undefined> {
    if (this.#servers.wasSeen) return 'some';
    if (this.isDone || !this.#before || this.#sessions.size === 0) return undefined;
    if (this.#isReopened) return 'unknown';
    const ofWorkers = [...this.#sessions.values()].reduce((sum, count) => sum + count, 0);
    return otherSessions(this.#context.postgres, this.#databases, this.#before, ofWorkers);
  }

  get #databases(): string[] {
    return this.#plan.info.databases.map(({ database }) => database);
  }
}
