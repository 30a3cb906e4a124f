// What runs have learned of an application that writes after it has answered, and how long its rewinds therefore wait.
import type { Quiet } from '../rewind/quiet.ts';

export interface LearnedQuiet {
  /** Milliseconds: the longest silence that it broke. */
  readonly silence: number;
  /** After how many tests it is yet to be listened to for as long as can be, to know that. */
  readonly listen: number;
  /** How often it was seen to write late, which begins the listening anew: of two that know it, who has seen more is right. */
  readonly sights: number;
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

/** Milliseconds: in small steps, to hear it all. */
const INTERVAL = 10;

/** The longest time. */
const LISTENING: Quiet = { quiet: MOST_QUIET, most: MOST_QUIET, interval: INTERVAL };

/** It was seen to write late, after a silence of so many milliseconds, or nobody knows of how many. */
export function afterSight(known: LearnedQuiet | undefined, silence = 0): LearnedQuiet {
  const { silence: before = 0, sights = 0 } = known ?? {};
  return { silence: Math.max(before, silence), listen: LISTEN, sights: sights + 1 };
}

/** What two know together, in whatever order they learn it from each other. */
export function merged(one: KnownQuiet, other: KnownQuiet): KnownQuiet {
  if (one === 'in vain' || other === 'in vain') return 'in vain';
  if (!one || !other) return one ?? other;
  const silence = Math.max(one.silence, other.silence);
  if (one.sights !== other.sights) return { ...(one.sights > other.sights ? one : other), silence };
  return { silence, listen: Math.min(one.listen, other.listen), sights: one.sights };
}

/** What was seen, and a margin: a busy machine makes a silence longer. */
export function quietOf({ silence, listen }: LearnedQuiet): Quiet {
  if (listen > 0) return LISTENING;
  const quiet = Math.min(MOST_QUIET, Math.ceil(1.5 * silence + 10));
  return { quiet, most: Math.min(MOST, quiet + Math.ceil(1.5 * silence)), interval: INTERVAL };
}

/** As a later run may believe it; undefined: it may not. */
export function parseLearned(value: unknown): LearnedQuiet | undefined {
  const { silence, listen, sights } = Object(value);
  if (![silence, listen, sights].every((each) => Number.isFinite(each) && each >= 0)) return undefined;
  return { silence: Math.min(MOST_QUIET, silence), listen: Math.min(LISTEN, listen), sights };
}

/** A silence that is longer is not waited for: what ends it is no answer's aftermath, but a timer's. */
export function isTooLong(silence: number): boolean {
  return silence > MOST_QUIET;
}
