// The block of lines that stands below everything while tests run, drawn anew each second and soon after each event.
import type { StampedEvent } from '../events.ts';
import type { RunState } from '../state/run-state.ts';
import { timeLeft } from '../state/time-left.ts';
import { colouring } from '../text/colours.ts';
import { liveLines } from './live-text.ts';
import type { Screen } from './screen.ts';

/** Milliseconds between two drawings, whatever happens, and without anything that happens. */
const INTERVAL_MS = 100;
const CLOCK_MS = 1_000;
/** A drawing of many tests may cost something: this much more time belongs to the run. */
const SHARE = 10;
/** Rows of a terminal that does not say how many it has. */
const ROWS = 24;

export class Live {
  readonly #screen: Screen;
  #state: RunState | undefined;
  #planned: { readonly workers: number; readonly began: number } | undefined;
  #next: NodeJS.Timeout | undefined;
  /** The next drawing is for what has happened, not only for the clock. */
  #isAsked = false;
  /** Milliseconds of `performance`: not before that. */
  #earliest = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** @param state after the event */
  hear(state: RunState, event: StampedEvent): void {
    this.#state = state;
    if (event.type === 'tests-planned') {
      const { workers, at: began } = event;
      this.#planned = { workers, began };
    }
    if (event.type === 'tests-over') this.end();
    if (!this.#planned || this.#isAsked) return;
    this.#isAsked = true;
    this.#drawIn(INTERVAL_MS);
  }

  end(): void {
    this.#planned = undefined;
    clearTimeout(this.#next);
    this.#screen.show([]);
  }

  #drawIn(ms: number): void {
    clearTimeout(this.#next);
    this.#next = setTimeout(() => this.#draw(), Math.max(ms, this.#earliest - performance.now())).unref();
  }

  #draw(): void {
    this.#isAsked = false;
    if (!this.#planned || !this.#state) return;
    const asked = performance.now();
    const { columns, rows = ROWS, colours } = this.#screen;
    const { workers, began } = this.#planned;
    const now = Date.now();
    const left = timeLeft(this.#state, { workers, now });
    const colour = colouring(colours);
    const most = Math.max(2, Math.floor(rows / 2));
    this.#screen.show(liveLines(this.#state, { columns, rows: most, slots: workers, now, began, left, colour }));
    this.#earliest = asked + pauseAfter(performance.now() - asked);
    this.#drawIn(CLOCK_MS);
  }
}

/** @param ms what a drawing took */
export function pauseAfter(ms: number): number {
  return Math.max(INTERVAL_MS, (1 + SHARE) * ms);
}
