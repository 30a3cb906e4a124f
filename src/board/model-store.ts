// The model of this process's run, for the board and the report, and who follows it.
import type { StampedEvent } from '../events.ts';
import type { StateStore } from '../state/state-store.ts';
import { EMPTY_TIMELINE, reduceTimeline } from '../state/timeline.ts';
import type { BoardModel } from './board-model.ts';

export class ModelStore {
  readonly #store: StateStore;
  readonly #listeners = new Set<(event: StampedEvent) => void>();
  #timeline = EMPTY_TIMELINE;
  readonly #unsubscribe: () => void;

  /** Made before the run begins: of what was before, the timeline knows nothing. */
  constructor(store: StateStore) {
    this.#store = store;
    this.#unsubscribe = store.subscribe((_, event) => {
      this.#timeline = reduceTimeline(this.#timeline, event);
      for (const listener of this.#listeners) listener(event);
    });
  }

  get model(): BoardModel {
    return { state: this.#store.state, timeline: this.#timeline };
  }

  /** Called after each event. Returns the function that ends it. */
  subscribe(listener: (event: StampedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#unsubscribe();
  }
}
