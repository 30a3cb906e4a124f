// What a file's tests add up to. Kept for as long as the file does not change: of 5,000 tests one changes at a time.
import { testsOf } from '../../state/files.ts';
import type { FileState, TestState } from '../../state/run-state.ts';

export interface FileSummary {
  readonly tests: readonly TestState[];
  /** Milliseconds of the tests that ran, and how many of them are over. */
  readonly ms: number;
  readonly over: number;
  readonly failed: readonly TestState[];
  readonly flaky: readonly TestState[];
  readonly running: readonly TestState[];
}

const known = new WeakMap<FileState, FileSummary>();

export function summaryOf(file: FileState): FileSummary {
  const before = known.get(file);
  if (before) return before;
  const tests = testsOf(file).values();
  const of = (status: TestState['status']) => tests.filter((test) => test.status === status);
  const ran = tests.filter(({ status }) => !['waiting', 'skipped', 'cancelled'].includes(status));
  const [failed, flaky, running] = [of('failed'), of('flaky'), of('running')];
  const ms = ran.reduce((sum, test) => sum + test.ms, 0);
  const summary = { tests, ms, over: ran.length - running.length, failed, flaky, running };
  known.set(file, summary);
  return summary;
}
