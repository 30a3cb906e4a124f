// A stack's share of the connections of an existing server. An event says when the stack has to wait for it.
import type { Events } from '../../events.ts';
import type { RunContext } from '../run-context.ts';
import { IdleTimer } from './idle-timer.ts';
import type { StackPlan } from './plan.ts';

/** Milliseconds that a stack waits for free connections: other runs may be long. */
export const CONNECTIONS_TIMEOUT_MS = 1_800_000;

/** Milliseconds after which a stack that nobody uses looks again whether another one waits for its connections. */
const LOOK_AGAIN_AFTER_MS = 3_000;

/** Kept from one fresh clone of the stack to the next. */
export class StackConnections {
  readonly #plan: StackPlan;
  readonly #context: RunContext;
  readonly #events: Events;
  /** Runs from a lease's end to the next lease. */
  readonly #spare: IdleTimer;
  #release: (() => Promise<void>) | undefined;

  /** @param look called from time to time while the connections are offered: ask `areWanted` then */
  constructor(plan: StackPlan, context: RunContext, events: Events, look: () => void) {
    this.#plan = plan;
    this.#context = context;
    this.#events = events;
    this.#spare = new IdleTimer(context.postgres.connectionBudget && LOOK_AGAIN_AFTER_MS, look);
  }

  /** Waits until enough connections are free, unless the stack has them. Throws DATABASE_FULL. */
  async reserve(signal: AbortSignal): Promise<void> {
    const { postgres, isCounting } = this.#context;
    const { variant, info } = this.#plan;
    const connections = variant.databases.reduce((sum, each) => sum + each.connections, isCounting ? 1 : 0);
    this.#release ??= await postgres.connectionBudget?.reserve({
      connections,
      signal,
      timeout: CONNECTIONS_TIMEOUT_MS,
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

  /** Whether the connections are offered, and another stack waits for it. */
  async areWanted(): Promise<boolean> {
    if (!this.#spare.isRunning) return false; // A worker was faster.
    if (await this.#context.postgres.connectionBudget?.isWanted()) return true;
    this.#spare.begin();
    return false;
  }

  async release(): Promise<void> {
    await this.#release?.();
    this.#release = undefined;
  }
}
