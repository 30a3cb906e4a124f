// Case after case on one server, until the time is over or one fails; that one is made smaller.
import fc from 'fast-check';
import { anyCase, type Case, FailedCase, runCase, type Tally } from './case.ts';
import { reduce } from './reduce.ts';
import type { TestBed } from './test-bed.ts';

export interface HuntOptions {
  readonly seed: number;
  readonly cases: number;
  /** Milliseconds; a case that has begun is finished. */
  readonly time: number;
  /** Milliseconds for making a failing case smaller. */
  readonly shrink: number;
  readonly onCase?: (seed: number, tally: Tally) => void;
}

export interface Found {
  readonly seed: number;
  readonly what: string;
  /** The story of the smallest case that fails. */
  readonly story: readonly string[];
  /** What failed at first: chance may have another say the second time. */
  readonly first: Pick<Found, 'what' | 'story'>;
}

export interface Hunted extends Tally {
  readonly cases: number;
  readonly seconds: number;
  readonly found: Found | undefined;
}

export async function hunt(testBed: TestBed, options: HuntOptions): Promise<Hunted> {
  const began = performance.now();
  const tally: Tally = { programs: 0, spent: 0, statements: 0, refused: 0 };
  const seconds = (): number => (performance.now() - began) / 1000;
  let cases = 0;
  for (; cases < options.cases && performance.now() - began < options.time; cases++) {
    const seed = options.seed + cases;
    const found = await tryCase(testBed, seed, options.shrink, tally);
    options.onCase?.(seed, tally);
    if (found) return { ...tally, cases: cases + 1, seconds: seconds(), found };
  }
  return { ...tally, cases, seconds: seconds(), found: undefined };
}

async function tryCase(testBed: TestBed, seed: number, shrink: number, tally: Tally): Promise<Found | undefined> {
  const [one] = fc.sample(anyCase, { seed, numRuns: 1 });
  if (!one) throw new Error('fast-check generated nothing');
  const first = await failureOf(one, testBed, tally);
  if (!first) return;
  if (shrink === 0) return { seed, ...first, first };
  let last = first;
  const until = performance.now() + shrink;
  const fails = async (smaller: Case): Promise<boolean> => {
    const failure = await failureOf(smaller, testBed, { ...tally });
    last = failure ?? last;
    return failure !== undefined;
  };
  await reduce(one, first.nth, fails, until);
  return { seed, what: last.what, story: last.story, first };
}

interface Failure {
  readonly nth: number;
  readonly what: string;
  readonly story: readonly string[];
}

async function failureOf(one: Case, testBed: TestBed, tally: Tally): Promise<Failure | undefined> {
  const story: string[] = [];
  try {
    await runCase(one, testBed, tally, (line) => story.push(line));
    return undefined;
  } catch (error) {
    if (!(error instanceof FailedCase)) throw error;
    return { nth: error.nth, what: error.message, story };
  }
}
