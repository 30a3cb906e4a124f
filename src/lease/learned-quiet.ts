// What runs have learned of an application that writes after it has answered, and how long its rewinds therefore wait.
import type { Quiet } from '../rewind/quiet.ts';

export interface LearnedQuiet {
  /** Milliseconds: the longest silence that it broke. */
  readonly silence: number;
  /** After how many tests it is yet to be listened to for as long as can be, to know that. */
  readonly listen: number;
}

/** `in vain`: the application was never quiet for what was waited for. Undefined: nothing is known. */
export type KnownQuiet = LearnedQuiet | 'in vain' | undefined;

/** What is waited for as long as nothing else is known: less than what a test itself takes. */
export const DEFAULT_QUIET: Quiet = { quiet: 3, most: 6 };

/** Milliseconds that are never exceeded, whatever was learned. */
const MOST_QUIET = 250;
const MOST = 500;

/** After how many tests an application is listened to that was seen to write late. */
export const LISTEN = 5;

/** The longest time, in small steps: to hear it all. */
const LISTENING: Quiet = { quiet: MOST_QUIET, most: MOST_QUIET, interval: 10 };

/** What was seen, and a margin: a busy machine makes a silence longer. */
export function quietOf({ silence, listen }: LearnedQuiet): Quiet {
  if (listen > 0) return LISTENING;
  const quiet = Math.min(MOST_QUIET, Math.ceil(1.5 * silence + 10));
  return { quiet, most: Math.min(MOST, quiet + Math.ceil(1.5 * silence)) };
}

/** A silence that is longer is not waited for: what ends it is no answer's aftermath, but a timer's. */
export function isTooLong(silence: number): boolean {
  return silence > MOST_QUIET;
}
