// One stack of the pool, for one slot and variant: the worker that holds it, and what that worker asks of it.
import { setImmediate } from 'node:timers/promises';
import type { TestRef, WorkerEvent } from '../../events.ts';
import type { Response, ServersAre } from '../../lease/protocol.ts';
import type { Leasable, Lease, StackMessage } from '../../lease/server.ts';
import { SKIPPED, stackTitle } from '../../names.ts';
import { guardLeftOpen } from '../../postgres/client/left-open.ts';
import type { AppServer } from '../../server/app-server.ts';
import { within } from '../../wait.ts';
import type { EndOfTest } from '../proof/stack-proof.ts';
import { templateOf } from '../run-context.ts';
import { GroupSlot } from './group-slot.ts';
import { OpeningSteps } from './opening-steps.ts';
import type { StackPlan } from './plan.ts';
import type { PoolContext } from './pool-context.ts';
import { ReopenableStack } from './reopenable-stack.ts';
import { ServerExits, type StackTest } from './server-exits.ts';
import { SetupTurn } from './setup-turn.ts';
import { takeStack, WorkerGone } from './take-stack.ts';

/** Milliseconds that a worker gets to finish its teardown before its stack is taken away from it. */
const RELEASE_TIMEOUT_MS = 10_000;

type Ready = Extract<Response, { readonly type: 'ready' }>;

export class PooledStack implements Leasable {
  readonly plan: StackPlan;
  readonly title: string;
  readonly stack: ReopenableStack;
  readonly #pool: PoolContext;
  #holder: Lease | undefined;
  /** The holder's slot of the machine. */
  #group: GroupSlot | undefined;
  #test: StackTest | undefined;
  /** The last test of a group whose rows are still there. */
  #carriedOver: TestRef | undefined;
  readonly #exits: ServerExits;
  readonly #steps: OpeningSteps;
  /** Why it could not be opened when nobody needed it. */
  #failedAhead: unknown;
  readonly #turn: SetupTurn;

  constructor(plan: StackPlan, pool: PoolContext) {
    this.plan = plan;
    this.title = stackTitle(plan.info.slot, plan.info.variant);
    this.#pool = pool;
    this.#turn = new SetupTurn(pool.preludes, this.#template);
    this.#exits = new ServerExits(plan, this.title, pool);
    this.#steps = new OpeningSteps(pool.events, plan.info, pool.run.signal, (step) => this.#holder?.send(step));
    this.stack = new ReopenableStack(plan, pool.run, pool.events, {
      onExit: (server) => this.#serverExited(server),
      opens: () => {
        pool.health.throwIfBroken(this.title, this.stack.proof.isDone);
        return pool.health.openings;
      },
      failed: (error) => {
        if (this.#holder || pool.isWanted(plan.info.slot)) pool.health.fail(error, this.title);
        else this.#failedAhead = error;
        throw error;
      },
    });
  }

  /** Opens it ahead of its first lease. That it could not be opened on a guess is told now, when it is needed. */
  async open(): Promise<void> {
    const error = this.#failedAhead;
    this.#failedAhead = undefined;
    if (error === undefined) return this.stack.open();
    this.#pool.health.fail(error, this.title);
    throw error;
  }

  async bind(lease: Lease): Promise<void> {
    while (this.#holder) await endWithin(RELEASE_TIMEOUT_MS, this.#holder);
    this.#holder = lease;
    const group = new GroupSlot(this.#pool.machine, lease);
    this.#group = group;
    this.#pool.quiet.join(lease);
    this.#steps.repeat();
    void lease.closed.then(() => this.#release(lease));
    const { slot, variant, worker } = lease;
    const began = performance.now();
    const response = await this.#respond(lease, async () => {
      // A worker may end what blocks its rewind, also a connection that `globalSetup` keeps.
      guardLeftOpen(this.#pool.run.postgres.port);
      await this.#pool.adoptGlobalSetup();
      return takeStack(this.stack, group);
    });
    if (response.type === 'ready') {
      const ms = Math.round(performance.now() - began);
      this.#pool.events.emit({ type: 'leased', slot, variant, worker, database: response.stack.database, ms });
    }
    const carriedOver = this.#carriedOver?.project === lease.project ? this.#carriedOver : undefined;
    this.#carriedOver = undefined;
    lease.send(response.type === 'ready' ? { ...response, carriedOver } : response);
  }

  receive(lease: Lease, message: StackMessage): void {
    const { slot, variant, worker, project } = lease;
    const respond = (step: () => Promise<ServersAre>, failed?: string) =>
      void this.#respond(lease, step, failed).then(lease.send);
    switch (message.type) {
      case 'fresh':
        respond(() => this.stack.fresh());
        break;
      case 'group':
        respond(async () => {
          await this.#group?.begin();
          return 'used';
        });
        break;
      case 'group-over':
        this.#group?.end();
        break;
      case 'end':
        respond(() => this.stack.end(message.servers));
        break;
      case 'restart':
        respond(() => this.stack.restart(message.copies));
        break;
      case 'prove':
        void this.#prove(lease, message).then(lease.send);
        break;
      case 'rewound':
        void this.#tell(lease, async () => ({ rewound: this.#pool.rewound.before(project, message.test) }));
        break;
      case 'servers':
        // What was printed before has come when everything that has arrived in this process was read.
        void this.#tell(lease, async () => setImmediate().then(() => ({ now: this.stack.serversNow })));
        break;
      case 'keep':
        void this.#keep(lease, message.test).then(lease.send);
        break;
      case 'turn':
        // The stack as it is, with the preludes that it lacks by then.
        respond(() => this.#turn.begin(lease).then(() => 'used'));
        break;
      case 'turn-over':
        this.#turn.end(message.prelude);
        break;
      case 'fixture':
        this.stack.fixtures.of(project)[message.name] = message.delta;
        break;
      case 'carried-over':
        this.#carriedOver = message.test;
        break;
      case 'quiet':
        this.#pool.quiet.note(lease, this.plan.variant.servers, message);
        break;
      case 'base':
        this.stack.base.move(message);
        break;
      case 'event':
        this.#note(project, message.event);
        this.#pool.events.emit({ slot, variant, worker, ...this.#withOpenTimes(message.event) });
    }
  }

  #note(project: string, event: WorkerEvent): void {
    if (event.type === 'test-began') this.#test = { ref: event.test, state: 'running' };
    if (event.type === 'test-ended') this.#test = { ref: event.test, state: 'ended' };
    this.#exits.note(event);
    this.#group?.note(event);
    // Whichever worker a group’s other tests get, they can be named.
    if (event.type === 'rewound' && event.rows > 0 && event.test) {
      this.#pool.rewound.note(project, { test: event.test, rows: event.rows, scope: event.scope });
    }
  }

  /** Its test fails for it; where none runs, the next one finds the server started again, unless it does so all the time. */
  async #serverExited(server: AppServer): Promise<void> {
    const message = await this.#exits.report(server, this.#test);
    this.#holder?.send({ type: 'server-exited', message });
  }

  /** The worker knows how long it has waited, and not for what. */
  #withOpenTimes(event: WorkerEvent): WorkerEvent {
    const opened = this.stack.openTimes;
    return event.type === 'rewind-impossible' && opened ? { ...event, opened } : event;
  }

  /** The stack, whose databases were set aside as a test left them: a copy of each, if that could be made. */
  async #keep(lease: Lease, test: TestRef): Promise<Response> {
    let kept: string | undefined;
    const response = await this.#respond(lease, async () => {
      kept = await this.#pool.keeper.keep(this.stack, test);
      return kept === undefined ? 'used' : 'new';
    });
    return response.type === 'ready' ? { ...response, kept } : response;
  }

  /** Where the servers and the tests are connected; one that is with the developer's fails its test, and the run goes on. */
  async #prove(lease: Lease, end: EndOfTest): Promise<Response> {
    const visited = this.stack.development.look(this.#test?.ref);
    const prove = () => this.stack.prove(lease.worker, end);
    const response = await this.#respond(lease, prove, `${this.title} is on another database`);
    return response.type === 'ready' && visited ? { ...response, visited: visited.message } : response;
  }

  /** What is known of the stack as it is. */
  async #tell(lease: Lease, know: () => Promise<Pick<Ready, 'rewound' | 'now'>>): Promise<void> {
    const response = await this.#respond(lease, async () => 'used', undefined, 'about it');
    lease.send(response.type === 'ready' ? { ...response, ...(await know()) } : response);
  }

  async #respond(
    { project }: Lease,
    step: () => Promise<ServersAre>,
    failed = `${this.title} could not be opened`,
    asked: 'for it' | 'about it' = 'for it',
  ): Promise<Response> {
    const { health, preludes } = this.#pool;
    try {
      const refusal = health.refusal(this.title, this.stack.proof.isDone, asked);
      if (refusal) return refusal;
      const servers = await step();
      const rewindable = this.stack.base.rewindable(preludes.of(this.#template));
      const proved = this.stack.proof.isDone && this.stack.development.isDone;
      const fixtures = this.stack.fixtures.of(project);
      const quiet = this.#pool.quiet.of(this.plan.info.variant);
      const { info: stack } = this.stack;
      return { type: 'ready', stack, last: this.#test?.ref, servers, rewindable, proved, quiet, fixtures };
    } catch (error) {
      if (error instanceof WorkerGone) return { type: 'skip', reason: `${SKIPPED}${error.message}` };
      return health.refuse(error, failed, this.title);
    }
  }

  #release(lease: Lease): void {
    if (this.#holder === lease) this.#holder = undefined;
    if (this.#test) this.#test = { ...this.#test, state: 'ended' };
    this.#turn.end();
    const { slot, variant, worker } = lease;
    this.#pool.events.emit({ type: 'released', slot, variant, worker });
    if (this.#pool.run.signal.aborted) return;
    this.stack.release().catch(() => {}); // A server that is gone shows at the next lease.
  }

  get #template(): string {
    return templateOf(this.#pool.run, this.plan.info.variant);
  }
}

async function endWithin(timeout: number, lease: Lease): Promise<void> {
  await within(timeout, 'earlier lease', () => lease.closed).catch(() => lease.end());
  await lease.closed;
}
