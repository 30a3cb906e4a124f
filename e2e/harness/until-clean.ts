// How long it takes until nothing is left.
import type { Leak } from './leaks.ts';

export interface Cleaning {
  /** From `began` on; undefined: something was left after all patience. */
  readonly seconds: number | undefined;
  /** What was still there after five seconds. */
  readonly late: readonly Leak[];
}

const IN_TIME = 5_000;
const PATIENCE = 20_000;

/** @param began `performance.now()` of the moment from which the time is taken */
export async function untilClean(look: () => Promise<readonly Leak[]>, began: number): Promise<Cleaning> {
  let late: readonly Leak[] = [];
  for (;;) {
    const leaks = await look();
    const ms = performance.now() - began;
    if (leaks.length === 0) return { seconds: Math.round(ms / 10) / 100, late };
    if (ms > IN_TIME && late.length === 0) late = leaks;
    if (ms > PATIENCE) return { seconds: undefined, late: leaks };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
