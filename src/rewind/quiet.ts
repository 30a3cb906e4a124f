// What an application still does after it has answered: a rewind waits until its sessions that write have been quiet for a
// while, and no longer than it is told.
import { setTimeout as delay } from 'node:timers/promises';
import type { Control } from './control.ts';

export interface Quiet {
  /** Milliseconds for which they are to be quiet; 0: they are not waited for, only asked about where there is something to undo. */
  readonly quiet: number;
  /** Milliseconds after which the rewind goes on in any case. */
  readonly most: number;
  /** Milliseconds between the looks, for whoever wants to know how long a silence was. @default as long as need be */
  readonly interval?: number;
}

/** What was heard of the application. */
export interface Heard {
  /** Milliseconds, from the first wait on: what looks took is of it, what open transactions took is not. */
  readonly waited: number;
  /** They were not quiet for long enough when the time was over. */
  readonly ranOut: boolean;
  /** Milliseconds: the longest silence that they surely broke while they were waited for; 0: they were quiet. */
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
  /** When the first wait began, in milliseconds of `performance`; later by what does not count. */
  #began: number | undefined;
  #waited = 0;
  #ranOut = false;
  #silence = 0;
  #last: number | undefined;
  /** Milliseconds for which they had been quiet at the last look. */
  #ago = 0;
  #rows: number | undefined;
  #wrote = false;

  constructor(control: Control, quiet: Quiet | undefined) {
    this.#control = control;
    this.#quiet = quiet;
  }

  /** What the next look is to ask: milliseconds, and of whom. */
  get asked(): readonly [quiet: number | null, writers: readonly number[]] {
    // Who is not waited for any longer may have written since the last look all the same.
    const quiet = this.#ranOut ? 0 : this.#quiet?.quiet;
    return [quiet ?? null, WRITERS.get(this.#control) ?? []];
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

  /** @param asked when, in milliseconds of `performance`: what a look takes is no silence */
  note({ writers, ago, rows }: Hearing, asked: number): void {
    WRITERS.set(this.#control, writers ?? []);
    this.#rows ??= rows;
    if (rows > this.#rows) this.#wrote = true;
    if (ago === null) return;
    const last = asked - ago;
    if (this.#last === undefined) this.#last = last;
    else if (last > this.#last + PRECISION_MS) {
      // They may have done more than one thing since the last look, which may have taken long.
      const most = this.#ago + (this.#quiet?.interval ?? this.#quiet?.quiet ?? 0);
      this.#silence = Math.max(this.#silence, Math.min(last - this.#last, most));
      this.#last = last;
    }
    this.#ago = ago;
  }

  /** Until they have been quiet for long enough, if they are from now on, or the time is over. */
  async wait(heard: Hearing, asked: number): Promise<void> {
    this.note(heard, asked);
    const { quiet, most, interval = quiet } = this.#quiet ?? { quiet: 0, most: 0 };
    this.#began ??= performance.now();
    const left = this.#began + most - performance.now();
    // They were looked at when the time was over: a timer that comes late says nothing of them.
    if (left <= 0) this.#ranOut = true;
    else await delay(Math.max(1, Math.ceil(Math.min(quiet - (heard.ago ?? 0), interval, left))));
    this.#waited = performance.now() - this.#began;
  }

  /** Others were waited for meanwhile, for that many milliseconds. */
  putOff(ms: number): void {
    if (this.#began !== undefined) this.#began += ms;
  }
}

/** Two looks need not agree better than that: between them lies a round trip. */
const PRECISION_MS = 2;
