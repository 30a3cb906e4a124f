// A stack's share of an existing server's connections: waited for, and said so where there is none now.
import type { Events } from '../../events.ts';
import type { RunContext } from '../run-context.ts';
import { IdleTimer } from './idle-timer.ts';
import type { StackPlan } from './plan.ts';

/** Milliseconds that a stack waits for room: others may have long runs. */
export const ROOM_PATIENCE = 1_800_000;

/** Milliseconds after which a stack that nobody uses looks again whether another one waits for its room. */
const LOOKS_AGAIN = 3_000;

/** Kept from one fresh clone of the stack to the next. */
export class StackRoom {
  readonly #plan: StackPlan;
  readonly #context: RunContext;
  readonly #events: Events;
  /** Runs from a lease's end to the next lease. */
  readonly #spare: IdleTimer;
  #give: (() => Promise<void>) | undefined;

  /** @param look called from time to time while the room is offered: ask `isAsked` then */
  constructor(plan: StackPlan, context: RunContext, events: Events, look: () => void) {
    this.#plan = plan;
    this.#context = context;
    this.#events = events;
    this.#spare = new IdleTimer(context.postgres.room && LOOKS_AGAIN, look);
  }

  /** Waits until there is room, unless the stack has it. Throws DATABASE_FULL. */
  async take(): Promise<void> {
    const { postgres, signal } = this.#context;
    const { variant, info } = this.#plan;
    const connections = variant.databases.reduce((sum, each) => sum + each.connections, 0);
    this.#give ??= await postgres.room?.take({
      connections,
      signal,
      patience: ROOM_PATIENCE,
      onWait: ({ free, total }) => {
        const { slot } = info;
        this.#events.emit({ type: 'stack-waits', slot, variant: variant.name, needed: connections, free, total });
      },
    });
  }

  /** No worker holds the stack. */
  offer(): void {
    this.#spare.begin();
  }

  use(): void {
    this.#spare.end();
  }

  /** Whether the room is offered, and another stack waits for it. */
  async isAsked(): Promise<boolean> {
    if (!this.#spare.isRunning) return false; // A worker was faster.
    if (await this.#context.postgres.room?.isWanted()) return true;
    this.#spare.begin();
    return false;
  }

  async give(): Promise<void> {
    await this.#give?.();
    this.#give = undefined;
  }
}
