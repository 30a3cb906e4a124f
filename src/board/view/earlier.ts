// What earlier runs say of a test: that it is slower than usual, or does not always pass.
import type { EarlierRuns } from '../../events.ts';
import type { FileState, RunState, TestState } from '../../state/run-state.ts';
import { summaryOf } from './file-summary.ts';
import { clock } from './times.ts';

/** So many runs that it passed, from which on there is a usual time. */
const ENOUGH = 3;
/** What is slower: so many times the median, and so many milliseconds more. */
const TIMES = 2;
const MORE_MS = 500;

export function earlierOf(earlier: RunState['earlier'], { id }: Pick<TestState, 'id'>): EarlierRuns | undefined {
  return Object.hasOwn(earlier, id) ? earlier[id] : undefined;
}

/** How many times as long as usual it took; undefined: it is not slower, or has no usual time, or was tried again. */
function slowness({ status, attempts, ms }: TestState, earlier: EarlierRuns | undefined): number | undefined {
  const usual = earlier?.ms ?? 0;
  if (status !== 'passed' || attempts !== 1 || !earlier || earlier.passed < ENOUGH) return undefined;
  return ms > TIMES * usual && ms > usual + MORE_MS ? ms / Math.max(1, usual) : undefined;
}

/**
 * It passed when it was tried again, or went from one outcome to the other and back: what failed once and was mended, or
 * fails since a change, is not unsteady.
 */
function isUnsteady(earlier: EarlierRuns | undefined): boolean {
  return earlier !== undefined && (earlier.flaky > 0 || earlier.changes > 1);
}

/** `3.1× its usual 0.8 s`, `unsteady: failed in 2 of its last 8 runs, flaky in 1`; undefined: nothing worth a word. */
export function earlierText(test: TestState, earlier: EarlierRuns | undefined): string | undefined {
  const said = [slowText(test, earlier), unsteadyText(earlier)].filter((text) => text !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}

function slowText(test: TestState, earlier: EarlierRuns | undefined): string | undefined {
  const times = slowness(test, earlier);
  return times === undefined ? undefined : `${times.toFixed(times < 10 ? 1 : 0)}× its usual ${clock(earlier?.ms ?? 0)}`;
}

function unsteadyText(earlier: EarlierRuns | undefined): string | undefined {
  if (!earlier || !isUnsteady(earlier)) return undefined;
  const { passed, failed, flaky } = earlier;
  const parts = [
    ...(failed > 0 ? [`failed in ${failed}`] : []),
    ...(flaky > 0 ? [`passed only when retried in ${flaky}`] : []),
  ];
  return `unsteady: ${parts.join(', ')} of its last ${passed + failed + flaky} runs`;
}

/** Of a test that failed: whether that is new. */
export function failureText(earlier: EarlierRuns | undefined): string | undefined {
  if (!earlier) return undefined;
  if (isUnsteady(earlier)) return unsteadyText(earlier);
  const { passed, failed } = earlier;
  if (failed === 0) return `passed in its last ${passed === 1 ? 'run' : `${passed} runs`}`;
  return passed === 0 ? `failed in its last ${failed === 1 ? 'run' : `${failed} runs`}, too` : undefined;
}

export type Mark = 'slower' | 'unsteady';
type Marks = Readonly<Record<Mark, readonly TestState[]>>;

const known = new WeakMap<FileState, { readonly earlier: RunState['earlier']; readonly marks: Marks }>();

/** Kept for as long as neither changes. */
export function marksOf(file: FileState, earlier: RunState['earlier']): Marks {
  const before = known.get(file);
  if (before?.earlier === earlier) return before.marks;
  const { tests } = summaryOf(file);
  const slower = tests.filter((test) => slowness(test, earlierOf(earlier, test)) !== undefined);
  const unsteady = tests.filter((test) => isUnsteady(earlierOf(earlier, test)));
  const marks = { slower, unsteady };
  known.set(file, { earlier, marks });
  return marks;
}
