// A stack that is opened, refreshed and closed again and again in a run.
import type { Events, OpenTimes } from '../../events.ts';
import type { Deltas, ServerNow, ServersAre } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import type { AppServer } from '../../server/app-server.ts';
import { Generations } from '../generations/generations.ts';
import { DevelopmentProof } from '../proof/development-proof.ts';
import { type EndOfTest, StackProof } from '../proof/stack-proof.ts';
import type { RunContext } from '../run-context.ts';
import { IdleTimer } from './idle-timer.ts';
import { OneByOne } from './one-by-one.ts';
import { openedEvent } from './opened-event.ts';
import type { StackPlan } from './plan.ts';
import { type OpenStack, openStack } from './stack.ts';
import { StackBase } from './stack-base.ts';
import { StackConnections } from './stack-connections.ts';
import { StackFixtures } from './stack-fixtures.ts';
import type { StackHooks } from './stack-hooks.ts';

/** One step at a time. */
export class ReopenableStack {
  readonly plan: StackPlan;
  readonly proof: StackProof;
  readonly base: StackBase;
  /** That no server of it is connected to a development server. */
  readonly development: DevelopmentProof;
  readonly #context: RunContext;
  readonly #events: Events;
  readonly #hooks: StackHooks;
  #stack: OpenStack | undefined;
  /** They outlive a fresh clone: those that are started ahead have not been on any. */
  readonly #generations: Generations | undefined;
  readonly #connections: StackConnections;
  /** A test may have been on it: it is not what it was when it was opened. */
  #used = false;
  readonly fixtures: StackFixtures = new StackFixtures();
  #openedBefore = false;
  /** Runs while no worker holds the stack. */
  readonly #idle: IdleTimer;
  readonly #steps = new OneByOne();

  constructor(plan: StackPlan, context: RunContext, events: Events, hooks: StackHooks) {
    this.plan = plan;
    this.#context = context;
    this.proof = new StackProof(plan, context, events);
    this.base = new StackBase(plan, context);
    this.development = new DevelopmentProof(plan.info, context, events, () => this.#stack?.servers.running ?? []);
    this.#events = events;
    this.#hooks = hooks;
    this.#generations = Generations.of(plan, context);
    this.#connections = new StackConnections(plan, context, events, () => {
      this.#steps.next(() => this.#closeIfWanted()).catch(() => {}); // A server that is gone shows at the next lease.
    });
    this.#idle = new IdleTimer(context.idleTimeout, () => {
      this.#steps.next(() => this.#stopServers()).catch(() => {}); // What does not end shows when the stack closes.
    });
  }

  /** What the last opening took. */
  get openTimes(): OpenTimes | undefined {
    return this.#stack?.ms;
  }

  /** Opens the stack ahead of its first use. `onDatabases` is called when its databases are there. */
  open(onDatabases: () => void = () => {}): Promise<void> {
    return this.#steps.next(async () => {
      if (this.#stack) return;
      await this.#open(onDatabases).catch(this.#hooks.failed);
      this.#idle.begin();
    });
  }

  /** The stack for a new lease, its servers running. */
  take(): Promise<ServersAre> {
    return this.#steps.next(async () => {
      this.#endTimers();
      const servers = this.#used ? 'used' : 'new';
      if (this.#stack) await this.#stack.servers.start();
      else await this.#open();
      this.#used = true;
      this.#generations?.lease();
      return servers;
    });
  }

  /** As it was taken before it was offered. False: it was closed meanwhile. */
  takeAgain(): Promise<boolean> {
    return this.#steps.next(async () => {
      if (this.#stack) this.#endTimers();
      await this.#stack?.servers.start();
      return this.#stack !== undefined;
    });
  }

  /** The stack on a fresh clone, if it was ever used. */
  fresh(): Promise<ServersAre> {
    return this.#steps.next(async (): Promise<ServersAre> => {
      if (this.#used) await this.#close();
      if (!this.#stack) await this.#open();
      this.#used = true;
      return 'new';
    });
  }

  /** No worker holds it now: where another stack waits for free connections, this one closes. */
  release(): Promise<void> {
    return this.#steps.next(async () => {
      this.#idle.begin();
      this.#connections.offer();
      await this.#closeIfWanted();
    });
  }

  /** Ends these servers: they are to be new, and do nothing more. */
  async end(servers: readonly string[]): Promise<ServersAre> {
    await this.#steps.next(async () => this.#stack?.servers.end(servers));
    return 'used';
  }

  /** The servers that have ended start again. */
  restart(copies?: 'test' | 'group'): Promise<ServersAre> {
    return this.#steps.next(async () => ((await this.#stack?.servers.restart(copies)) === false ? 'ended' : 'new'));
  }

  /** Looks where the servers and the tests are connected; where it is another database, the servers end at once. */
  prove(worker: number, end: EndOfTest): Promise<ServersAre> {
    return this.#steps.next(async (): Promise<ServersAre> => {
      const servers = this.#stack?.servers;
      await this.proof.endOfTest(worker, end, servers?.running ?? []).catch(async (error) => {
        await servers?.stop();
        throw error;
      });
      return 'used';
    });
  }

  /** As `proof.lookAgain()`, of a stack that is open. */
  lookAtServers(): Promise<void> {
    return this.#steps.next(async () => {
      if (this.#stack) await this.proof.lookAgain(this.#stack.servers.running);
      this.development.look(undefined);
    });
  }

  /** Runs `work` while no server of the stack does. */
  withoutServers<T>(work: (info: StackInfo) => Promise<T>): Promise<T | undefined> {
    return this.#steps.next(async () => {
      const stack = this.#stack;
      if (!stack) return undefined;
      await stack.servers.stop();
      const done = await work(this.plan.info);
      await stack.servers.start();
      return done;
    });
  }

  /** As `base.writtenBefore()`, of a stack that nobody has had. */
  writtenBefore(): Promise<Deltas | undefined> {
    return this.#steps.next(async () => (this.#used ? undefined : this.base.writtenBefore()));
  }

  /** Leases start there again, and get the preludes anew. */
  backToOpening(): Promise<void> {
    return this.#steps.next(async () => this.base.backToOpening());
  }

  /** Those that run; undefined: it is not open. */
  get servers(): readonly AppServer[] | undefined {
    return this.#stack?.servers.running;
  }

  /** How each server that has run is. */
  get serversNow(): readonly ServerNow[] {
    return this.#stack?.servers.now ?? [];
  }

  /** What a worker gets: the names given up front, and what the servers said when they started. */
  get info(): StackInfo {
    const { info } = this.plan;
    const key = this.#generations?.key ?? info.key;
    return { ...info, key, env: { ...info.env, ...this.#stack?.servers.captured } };
  }

  close(): Promise<void> {
    return this.#steps.next(() => this.#leave());
  }

  async #closeIfWanted(): Promise<void> {
    if (await this.#connections.areWanted()) await this.#leave();
  }

  #endTimers(): void {
    this.#idle.end();
    this.#connections.use();
  }

  async #leave(): Promise<void> {
    this.#endTimers();
    await this.#close()
      .finally(() => this.#generations?.close())
      .finally(() => this.#connections.release());
  }

  async #open(onDatabases: () => void = () => {}): Promise<void> {
    const signal = AbortSignal.any([this.#context.signal, this.#hooks.opens()]);
    const { slot, variant } = this.plan.info;
    const again = this.#openedBefore;
    this.#events.emit({ type: 'stack-opening', slot, variant, again });
    await this.#connections.reserve(signal);
    const { plan, proof } = this;
    const opening = { signal, onDatabases, onExit: this.#hooks.onExit };
    const stack = await openStack(plan, this.#context, this.#events, proof, opening, this.#generations);
    this.#stack = stack;
    this.base.open(stack.oids, stack.opening);
    this.#events.emit(openedEvent(this.plan, stack, again));
    this.#openedBefore = true;
  }

  async #stopServers(): Promise<void> {
    if (!this.#idle.isRunning) return; // A worker was faster.
    await this.#generations?.endSpares();
    const names = this.#stack?.servers.running.map(({ name }) => name) ?? [];
    if (names.length === 0) return;
    await this.#stack?.servers.stop();
    const { slot, variant } = this.plan.info;
    this.#events.emit({ type: 'servers-stopped', slot, variant, servers: names });
  }

  async #close(): Promise<void> {
    const stack = this.#stack;
    if (!stack) return;
    this.#stack = undefined;
    this.base.close();
    this.#used = false;
    await stack.close();
    const { slot, variant } = this.plan.info;
    this.#events.emit({ type: 'stack-closed', slot, variant });
  }
}
