// How many slots a run will probably need, before its tests are known: as many as the last one with the same arguments;
// else all, unless the arguments choose among the tests. Where it guesses too low, the others open when the tests are known.
import type { FullConfig } from '@playwright/test';
import { recordedSlots, recordSlots } from '../../run/slots-record.ts';

/**
 * @param isOwn the run's Postgres is its own: of a server that runs share, connections are not taken on a guess
 * @param words of the command line, after the program
 */
export async function slotsAhead(
  { rootDir, workers }: Pick<FullConfig, 'rootDir' | 'workers'>,
  isOwn: boolean,
  words: readonly string[] = process.argv.slice(2),
): Promise<number> {
  const recorded = await recordedSlots(rootDir, words);
  const guess = isOwn && !choosesTests(words) ? workers : 1;
  return Math.min(workers, recorded ?? guess);
}

/** For later runs. */
export async function noteSlots(
  rootDir: string,
  slots: number,
  words: readonly string[] = process.argv.slice(2),
): Promise<void> {
  if (slots > 0) await recordSlots(rootDir, words, slots);
}

/** Options of Playwright's that choose no tests, those with a value first. */
const WITH_VALUE =
  /^(-c|--config|-j|--workers|--reporter|--retries|--timeout|--trace|--output|--max-failures|--global-timeout|--repeat-each|--tsconfig)$/;
const ALONE =
  /^(test|-x|--(headed|quiet|forbid-only|fully-parallel|pass-with-no-tests|fail-on-flaky-tests|ignore-snapshots|update-snapshots|no-deps))$/;

function choosesTests([word, ...rest]: readonly string[]): boolean {
  if (word === undefined) return false;
  if (WITH_VALUE.test(word)) return choosesTests(rest.slice(1));
  if (ALONE.test(word) || WITH_VALUE.test(word.replace(/=.*/s, ''))) return choosesTests(rest);
  return true;
}
