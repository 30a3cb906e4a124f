// How long a run will still take, by how long its tests took earlier.
import type { FileState, RunState, TestState } from '../state/run-state.ts';

export interface TimeLeft {
  /** Milliseconds that a test took when it last passed, by its id. */
  readonly earlier: ReadonlyMap<string, number>;
  readonly workers: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How much slower or faster than earlier a run is taken to be at most. */
const MOST_RATIO = 4;
/** Milliseconds of tests that are over, from which on that is known. */
const ENOUGH_MS = 2_000;

/** Milliseconds. Undefined: of more than half of what is left nothing is known. */
export function timeLeft({ files, progress }: RunState, { earlier, workers, now }: TimeLeft): number | undefined {
  const tests = Object.values(files).flatMap((file) => Object.values(file.tests));
  const open = tests.filter(isOpen);
  const known = open.filter(({ id }) => earlier.has(id));
  if (open.length === 0 || 2 * known.length < open.length) return undefined;
  const typical = known.reduce((sum, { id }) => sum + (earlier.get(id) ?? 0), 0) / known.length;
  const leftOf = (test: TestState) => {
    const ran = test.startedAt === undefined ? 0 : now - test.startedAt;
    return Math.max(0, (earlier.get(test.id) ?? typical) * ratio - ran);
  };
  const ratio = ratioOf(tests, earlier);
  // A file is one worker's, unless its tests are shared out.
  const units = progress.isFullyParallel ? open.map((test) => [test]) : Object.values(files).map(openOf);
  const left = units.map((unit) => unit.reduce((sum, test) => sum + leftOf(test), 0));
  const sum = left.reduce((all, each) => all + each, 0);
  return Math.max(sum / Math.max(1, workers), ...left);
}

/** This machine, today, against the earlier runs. */
function ratioOf(tests: readonly TestState[], earlier: TimeLeft['earlier']): number {
  const over = tests.filter(({ id, status }) => status === 'passed' && (earlier.get(id) ?? 0) > 0);
  const took = over.reduce((sum, { ms }) => sum + ms, 0);
  const expected = over.reduce((sum, { id }) => sum + (earlier.get(id) ?? 0), 0);
  if (expected < ENOUGH_MS) return 1;
  return Math.min(MOST_RATIO, Math.max(1 / MOST_RATIO, took / expected));
}

function openOf({ tests }: FileState): readonly TestState[] {
  return Object.values(tests).filter(isOpen);
}

function isOpen({ status }: TestState): boolean {
  return status === 'waiting' || status === 'running';
}
