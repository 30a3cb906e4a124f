// One place in the pool, for one slot and variant: which stack stands there, and which worker holds it.
import type { Events } from '../events.ts';
import { stackTitle } from '../names.ts';
import type { StackPlan } from './plan.ts';
import type { StackInfo } from './run-file.ts';
import { type OpenStack, openStack, type RunContext } from './stack.ts';
import { takeRoom } from './take-room.ts';

/** Opens, refreshes and closes the stack of one place; one of these at a time. */
export class Seat {
  readonly plan: StackPlan;
  readonly #context: RunContext;
  readonly #events: Events;
  #stack: OpenStack | undefined;
  /** Gives the stack's connections back; kept from one fresh clone to the next. */
  #giveRoom: (() => Promise<void>) | undefined;
  /** A test may have been on it: it is not what it was when it was opened. */
  #used = false;
  #openedBefore = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(plan: StackPlan, context: RunContext, events: Events) {
    this.plan = plan;
    this.#context = context;
    this.#events = events;
  }

  /** Opens the stack ahead of its first use. */
  open(): Promise<void> {
    return this.#next(async () => {
      if (!this.#stack) await this.#open();
    });
  }

  /** A fresh stack for a group of tests: as it was opened, or anew on a fresh clone where tests have been on it. */
  take(): Promise<void> {
    return this.#next(async () => {
      if (this.#stack && (this.#used || !this.#stack.servers.every((server) => server.isAlive()))) await this.#close();
      if (!this.#stack) await this.#open();
      this.#used = true;
    });
  }

  /** No worker holds it now: where another stack waits for room on the server, this one makes it. */
  release(): Promise<void> {
    return this.#next(async () => {
      if (this.#stack && (await this.#context.postgres.room?.isWanted())) await this.#leave();
    });
  }

  /** What a worker is told: the names given up front, and what the servers said when they started. */
  get info(): StackInfo {
    const { info } = this.plan;
    return { ...info, env: { ...info.env, ...this.#stack?.captured } };
  }

  close(): Promise<void> {
    return this.#next(() => this.#leave());
  }

  async #leave(): Promise<void> {
    try {
      await this.#close();
    } finally {
      await this.#giveRoom?.();
      this.#giveRoom = undefined;
    }
  }

  async #open(): Promise<void> {
    this.#giveRoom ??= await takeRoom(this.plan, this.#context, this.#events);
    this.#stack = await openStack(this.plan, this.#context);
    const { slot, variant, database, url } = this.plan.info;
    this.#events.emit({
      type: 'stack-opened',
      slot,
      variant,
      database,
      url,
      again: this.#openedBefore,
      servers: this.#stack.servers.map(({ name, pid, port }) => ({ name, pid, port })),
      ms: this.#stack.ms,
    });
    this.#openedBefore = true;
  }

  async #close(): Promise<void> {
    const stack = this.#stack;
    if (!stack) return;
    this.#stack = undefined;
    this.#used = false;
    await stack.close();
    const { slot, variant } = this.plan.info;
    this.#events.emit({ type: 'stack-closed', slot, variant });
  }

  #next(step: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(step);
    this.#queue = result.catch(() => {}); // Whoever asked for the step gets its error; the next begins all the same.
    return result;
  }

  get title(): string {
    return stackTitle(this.plan.info.slot, this.plan.info.variant);
  }
}
