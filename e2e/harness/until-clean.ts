// How long it takes until nothing is left.
import { poll } from '../../src/wait.ts';
import type { Leak } from './leaks.ts';

export interface Cleaning {
  /** From `began` on; undefined: something was left after all that time. */
  readonly seconds: number | undefined;
  /** What was still there after five seconds. */
  readonly late: readonly Leak[];
}

const IN_TIME = 5_000;
const CLEAN_TIMEOUT_MS = 20_000;

/** @param began `performance.now()` of the moment from which the time is taken */
export async function untilClean(look: () => Promise<readonly Leak[]>, began: number): Promise<Cleaning> {
  let late: readonly Leak[] = [];
  let leaks: readonly Leak[] = [];
  const isClean = async () => {
    leaks = await look();
    const ms = performance.now() - began;
    if (leaks.length === 0) return { seconds: Math.round(ms / 10) / 100, late };
    if (ms > IN_TIME && late.length === 0) late = leaks;
    return undefined;
  };
  const timeout = Math.max(0, CLEAN_TIMEOUT_MS - (performance.now() - began));
  return (await poll(isClean, { timeout, interval: 20 })) ?? { seconds: undefined, late: leaks };
}
