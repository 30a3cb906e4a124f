// How long a worker's rewinds wait until the application is quiet: as `server.idle` says, else 3 ms. An application that was
// seen to write after the end of a test is listened to for some tests, and waited for as long as its silences are from then on.
import { afterSight, DEFAULT_QUIET, isTooLong, type KnownQuiet, merged, quietOf } from '../lease/learned-quiet.ts';
import type { Notification } from '../lease/protocol.ts';
import type { Heard, Quiet } from '../rewind/quiet.ts';

/** `quiet`: the application is waited for, which may yet write. */
export type RewindWhen = 'quiet' | 'at once';

/** It is asked when it wrote last, where it has. */
const AT_ONCE: Quiet = { quiet: 0, most: 0 };

type Learned = Extract<Notification, { type: 'quiet' }>;

/** So often in a row the time runs out, and nothing is written, before nothing more is waited for. */
const MOST_RUN_OUT = 3;

export class QuietTime {
  /** The options say so. */
  readonly #fixed: Quiet | undefined;
  /** Tells the other workers, and later runs. */
  readonly #report: (learned: Learned) => void;
  #known: KnownQuiet;
  #ranOut = 0;
  /** When the application did something last before a rewind, in milliseconds of `performance`. */
  #last = 0;
  #isSeen = false;

  constructor(fixed: Quiet | undefined, known: KnownQuiet, report: (learned: Learned) => void) {
    this.#fixed = fixed;
    this.#known = known;
    this.#report = report;
  }

  asked(when: RewindWhen): Quiet {
    return when === 'quiet' ? this.#next : AT_ONCE;
  }

  get #next(): Quiet {
    if (this.#known === 'in vain') return DEFAULT_QUIET;
    if (this.#fixed) return this.#fixed;
    return this.#known ? quietOf(this.#known) : DEFAULT_QUIET;
  }

  /** Another worker has learned it. */
  learn(known: KnownQuiet): void {
    this.#known = merged(this.#known, known);
  }

  /** A rewind has waited for that. */
  waited(heard: Heard): void {
    this.#last = heard.last ?? performance.now();
    if (this.#known === 'in vain') return;
    const { quiet, most } = this.#next;
    const isMore = quiet > DEFAULT_QUIET.quiet && !(this.#known?.listen && !this.#fixed);
    // What was written meanwhile was undone with its test: that wait was of use.
    this.#ranOut = isMore && heard.ranOut && !heard.wrote ? this.#ranOut + 1 : 0;
    if (this.#ranOut === MOST_RUN_OUT) this.#set('in vain', { quiet, most });
    else if (!this.#fixed) this.#learnFrom(heard);
  }

  /** It wrote after a rewind. */
  wroteLate({ last = performance.now() }: Heard): void {
    const silence = Math.max(0, Math.round(last - this.#last));
    if (this.#fixed || this.#known === 'in vain' || isTooLong(silence)) return;
    this.#sight(silence);
  }

  /** Whether it was seen since this was asked: what else is under way is to be waited for, too. */
  takeSight(): boolean {
    const isSeen = this.#isSeen;
    this.#isSeen = false;
    return isSeen;
  }

  #learnFrom({ last, silence, wrote }: Heard): void {
    const known = this.#known === 'in vain' ? undefined : this.#known;
    const longest = Math.max(known?.silence ?? 0, Math.round(silence));
    if (!known && wrote) this.#sight(longest);
    // A test in which it did nothing says nothing.
    else if (known && known.listen > 0 && last !== undefined) {
      this.#set({ ...known, silence: longest, listen: known.listen - 1 }, this.#next);
    } else if (known && longest > known.silence) this.#set({ ...known, silence: longest }, this.#next);
  }

  #sight(silence: number): void {
    this.#isSeen = true;
    const known = this.#known === 'in vain' ? undefined : this.#known;
    this.#set(afterSight(known, silence), this.#next);
  }

  #set(known: Learned['known'], waited: Quiet): void {
    this.#known = known;
    this.#report({ type: 'quiet', known, waited });
  }
}
