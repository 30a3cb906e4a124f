// How long a run will still take, by how long its tests took earlier.
import { filesOf, testsOf } from './files.ts';
import type { RunState, TestState } from './run-state.ts';

export interface TimeLeft {
  readonly workers: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How much slower or faster than earlier a run is taken to be at most. */
const MOST_RATIO = 4;
/** Milliseconds of tests that are over, from which on that is known. */
const ENOUGH_MS = 2_000;

/** Milliseconds. Undefined: of more than half of what is left nothing is known. */
export function timeLeft(state: RunState, { workers, now }: TimeLeft): number | undefined {
  const { earlier, progress } = state;
  const usual = (id: string) => (Object.hasOwn(earlier, id) ? earlier[id]?.ms : undefined);
  const files = filesOf(state)
    .values()
    .map((file) => testsOf(file).values());
  const tests = files.flat();
  const open = tests.filter(isOpen);
  const known = open.flatMap(({ id }) => usual(id) ?? []);
  if (open.length === 0 || 2 * known.length < open.length) return undefined;
  const typical = known.reduce((sum, ms) => sum + ms, 0) / known.length;
  const leftOf = (test: TestState) => {
    const ran = test.startedAt === undefined ? 0 : now - test.startedAt;
    return Math.max(0, (usual(test.id) ?? typical) * ratio - ran);
  };
  const ratio = ratioOf(tests, usual);
  // A file is one worker's, unless its tests are shared out.
  const units = progress.isFullyParallel ? open.map((test) => [test]) : files.map((all) => all.filter(isOpen));
  const left = units.map((unit) => unit.reduce((sum, test) => sum + leftOf(test), 0));
  const sum = left.reduce((all, each) => all + each, 0);
  return left.reduce((most, each) => Math.max(most, each), sum / Math.max(1, workers));
}

/** This machine, today, against the earlier runs. */
function ratioOf(tests: readonly TestState[], usual: (id: string) => number | undefined): number {
  const over = tests.filter(({ id, status }) => status === 'passed' && (usual(id) ?? 0) > 0);
  const took = over.reduce((sum, { ms }) => sum + ms, 0);
  const expected = over.reduce((sum, { id }) => sum + (usual(id) ?? 0), 0);
  if (expected < ENOUGH_MS) return 1;
  return Math.min(MOST_RATIO, Math.max(1 / MOST_RATIO, took / expected));
}

function isOpen({ status }: TestState): boolean {
  return status === 'waiting' || status === 'running';
}
