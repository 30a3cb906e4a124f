// What an application still does after it has answered: a rewind waits until its sessions that write have been quiet for a
// while, and no longer than it is told.
import { setTimeout as delay } from 'node:timers/promises';
import type { Control } from './control.ts';

export interface Quiet {
  /** Milliseconds for which they are to be quiet; 0: they are not waited for, only asked about where there is something to undo. */
  readonly quiet: number;
  /** Milliseconds after which the rewind goes on in any case. */
  readonly most: number;
  /** Milliseconds between two looks at most, for whoever wants to know how long a silence was. @default as long as need be */
  readonly interval?: number;
}

/** What was heard of the application. */
export interface Heard {
  /** Milliseconds. */
  readonly waited: number;
  /** They were not quiet for long enough when the time was over. */
  readonly ranOut: boolean;
  /** Milliseconds: the longest silence that they broke while they were waited for; 0: they were quiet. */
  readonly silence: number;
  /** They wrote while they were waited for. */
  readonly wrote: boolean;
  /** When they did something last, in milliseconds of `performance`; undefined: not lately. */
  readonly last: number | undefined;
}

/** What the database says: the sessions that are known to write, and how many milliseconds ago they did anything. */
export interface Hearing {
  readonly writers: readonly number[] | null;
  readonly ago: number | null;
  /** Captured. */
  readonly rows: number;
}

// By connection, the pids of sessions that have written: one that only reads in this test may yet write.
const WRITERS = new WeakMap<Control, readonly number[]>();

/** One wait, of one rewind. */
export class QuietWait {
  readonly #control: Control;
  readonly #quiet: Quiet | undefined;
  #waited = 0;
  #ranOut = false;
  #silence = 0;
  #last: number | undefined;
  #rows: number | undefined;
  #wrote = false;

  constructor(control: Control, quiet: Quiet | undefined) {
    this.#control = control;
    this.#quiet = quiet;
  }

  /** What the next look is to ask: milliseconds, and of whom. */
  get asked(): readonly [quiet: number | null, writers: readonly number[]] {
    const isOver = !this.#quiet || this.#ranOut;
    return [isOver ? null : this.#quiet.quiet, WRITERS.get(this.#control) ?? []];
  }

  get heard(): Heard {
    return {
      waited: this.#waited,
      ranOut: this.#ranOut,
      silence: this.#silence,
      wrote: this.#wrote,
      last: this.#last,
    };
  }

  note({ writers, ago, rows }: Hearing): void {
    WRITERS.set(this.#control, writers ?? []);
    this.#rows ??= rows;
    if (rows > this.#rows) this.#wrote = true;
    if (ago === null) return;
    const last = performance.now() - ago;
    const isNew = this.#last !== undefined && last > this.#last + PRECISION_MS;
    if (isNew) this.#silence = Math.max(this.#silence, last - (this.#last ?? last));
    if (isNew || this.#last === undefined) this.#last = last;
  }

  /** Until they have been quiet for long enough, if they are from now on, or the time is over. */
  async wait(heard: Hearing): Promise<void> {
    this.note(heard);
    const { quiet, most, interval = quiet } = this.#quiet ?? { quiet: 0, most: 0 };
    const began = performance.now();
    await delay(Math.max(1, Math.min(quiet - (heard.ago ?? 0), interval, most - this.#waited)));
    this.#waited += performance.now() - began;
    this.#ranOut = this.#waited >= most;
  }
}

/** Two looks need not agree better than that: between them lies a round trip. */
const PRECISION_MS = 2;
