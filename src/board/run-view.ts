// What shows a run beside its reporter: the board while it lives, the report when it is over.
import type { Events } from '../events.ts';
import type { Lifetime } from '../lifetime.ts';
import type { StateStore } from '../state/state-store.ts';
import { ModelStore } from './model-store.ts';
import { type ReportTarget, writeReport } from './report/write-report.ts';
import type { BoardOptions } from './serve-board.ts';
import { startBoard } from './start-board.ts';

interface Asked {
  /** Undefined: none. */
  readonly board: BoardOptions | undefined;
  readonly report: ReportTarget;
}

export class RunView {
  readonly #asked: Asked;
  /** Undefined where neither is asked for, or both are over. */
  #store: ModelStore | undefined;

  /** Made before the run begins: of what was before it knows nothing. */
  constructor(asked: Asked, state: StateStore) {
    this.#asked = asked;
    if (asked.board || asked.report.when !== 'never') this.#store = new ModelStore(state);
  }

  /** Serves the board as long as `lifetime` lasts. */
  async serve(lifetime: Lifetime): Promise<void> {
    if (this.#asked.board && this.#store) await startBoard(this.#store, this.#asked.board, lifetime);
  }

  /** The run is over. A second call does nothing. */
  end(events: Events): void {
    const store = this.#store;
    this.#store = undefined;
    if (!store) return;
    writeReport(store.model, this.#asked.report, events);
    store.close();
  }
}
