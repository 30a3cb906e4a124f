// What shows a run beside its reporter: the board while it lives, the report when it is over.
import type { Events } from '../events.ts';
import type { Lifetime } from '../lifetime.ts';
import type { StateStore } from '../state/state-store.ts';
import type { LiveSource } from './live-facts.ts';
import { ModelStore } from './model-store.ts';
import { type ReportTarget, writeReport } from './report/write-report.ts';
import type { Board, BoardOptions } from './serve-board.ts';
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
  #board: Board | undefined;

  /** Made before the run begins: of what was before it knows nothing. */
  constructor(asked: Asked, state: StateStore) {
    this.#asked = asked;
    if (asked.board || asked.report.when !== 'never') this.#store = new ModelStore(state);
  }

  /** Serves the board as long as `lifetime` lasts. */
  async serve(lifetime: Lifetime): Promise<void> {
    const { board } = this.#asked;
    if (board && this.#store) this.#board = await startBoard(this.#store, board, lifetime);
  }

  /** The board shows what `source` knows for as long as `lifetime` lasts. */
  watch(source: LiveSource, lifetime: Lifetime): void {
    const stop = this.#board?.watch(source);
    if (stop) lifetime.defer('look at servers and databases no more', stop);
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
