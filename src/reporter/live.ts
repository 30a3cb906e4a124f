// The block of lines that stands below everything while tests run, drawn anew each second and soon after each event.
import type { StampedEvent } from '../events.ts';
import type { RunState } from '../state/run-state.ts';
import { timeLeft } from '../state/time-left.ts';
import { colouring } from '../text/colours.ts';
import { liveLines } from './live-text.ts';
import type { Screen } from './screen.ts';

/** Milliseconds between two drawings, whatever happens. */
const INTERVAL_MS = 100;
const CLOCK_MS = 1_000;
/** Rows of a terminal that does not say how many it has. */
const ROWS = 24;

export class Live {
  readonly #screen: Screen;
  #state: RunState | undefined;
  #planned: { readonly workers: number; readonly slots: number; readonly began: number } | undefined;
  #clock: NodeJS.Timeout | undefined;
  #next: NodeJS.Timeout | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** @param state after the event */
  hear(state: RunState, event: StampedEvent): void {
    this.#state = state;
    if (event.type === 'tests-planned') {
      const groups = event.isFullyParallel ? event.tests.length : Object.keys(state.files).length;
      const { workers, at: began } = event;
      this.#planned = { workers, slots: Math.min(workers, groups), began };
      this.#clock = setInterval(() => this.#draw(), CLOCK_MS).unref();
    }
    if (event.type === 'tests-over') this.end();
    if (this.#planned) this.#next ??= setTimeout(() => this.#draw(), INTERVAL_MS).unref();
  }

  end(): void {
    this.#planned = undefined;
    clearInterval(this.#clock);
    clearTimeout(this.#next);
    this.#screen.show([]);
  }

  #draw(): void {
    clearTimeout(this.#next);
    this.#next = undefined;
    if (!this.#planned || !this.#state) return;
    const { columns, rows = ROWS, colours } = this.#screen;
    const { workers, slots, began } = this.#planned;
    const now = Date.now();
    const left = timeLeft(this.#state, { workers, now });
    const colour = colouring(colours);
    const most = Math.max(2, Math.floor(rows / 2));
    this.#screen.show(liveLines(this.#state, { columns, rows: most, slots, now, began, left, colour }));
  }
}
