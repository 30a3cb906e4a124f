// The state of this process's run, and who follows it.
import { messageOf } from '../errors.ts';
import type { Events, StampedEvent } from '../events.ts';
import { writeError } from '../text/terminal.ts';
import { reduce } from './reduce.ts';
import { INITIAL_STATE, type RunState } from './run-state.ts';

/** Called after each event, with the state after it. What it returns is not awaited; what it throws is printed once. */
export type StateListener = (state: RunState, event: StampedEvent) => unknown;

export class StateStore {
  #state = INITIAL_STATE;
  readonly #listeners = new Set<StateListener>();

  constructor(events: Pick<Events, 'on'>) {
    events.on((event) => {
      this.#state = reduce(this.#state, event);
      for (const listener of [...this.#listeners]) void this.#call(listener, event);
    });
  }

  get state(): RunState {
    return this.#state;
  }

  /** Returns the function that ends it. */
  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A listener that throws is told once, and is called no more: it harms neither the run nor the other listeners. */
  async #call(listener: StateListener, event: StampedEvent): Promise<void> {
    try {
      await listener(this.#state, event);
    } catch (error) {
      if (!this.#listeners.delete(listener)) return;
      writeError(
        `playwright-stacks: a listener of the run's state failed and is called no more: ${messageOf(error)}\n`,
      );
    }
  }
}
