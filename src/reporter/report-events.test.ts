// What a run looks like, from its events alone.
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from '@playwright/test';
import { Events, type TestOutcome } from '../events.ts';
import { reportEvents } from './report-events.ts';

const planned = (id: string, file: string) => ({ id, title: id, titlePath: [id], file, project: '' });
const TESTS = [planned('one', 'a.spec.ts'), planned('two', 'a.spec.ts'), planned('three', 'b.spec.ts')];

/** Reports a run of TESTS; a result is a test's title, its outcome and, where another attempt follows, `retried`. */
function report(...results: [title: string, outcome: TestOutcome, next?: 'retried'][]): string[] {
  const lines: string[] = [];
  const events = new Events();
  const stop = reportEvents(events, (text) => lines.push(stripVTControlCharacters(text)));
  events.emit({ type: 'tests-planned', tests: TESTS, workers: 2, isFullyParallel: false });
  for (const [title, outcome, next] of results) {
    const of = TESTS.find(({ id }) => id === title) ?? planned(title, 'unknown');
    const rest = { worker: 0, slot: 0, outcome, isFinal: next === undefined, ms: 600 };
    events.emit({ type: 'test-result', test: { ...of, retry: 0 }, ...rest });
  }
  events.emit({ type: 'tests-over', ms: 2000 });
  stop();
  events.emit({ type: 'built', ms: 1 });
  return lines;
}

test('a file has its line when its last test is over; the end has the counts and both times', () => {
  expect(report(['one', 'passed'], ['three', 'skipped'], ['two', 'failed', 'retried'], ['two', 'flaky'])).toEqual([
    '2 files, 3 tests, 2 workers',
    'PASS b.spec.ts (1 test, 0.6 s)',
    'PASS a.spec.ts (2 tests, 1.8 s)',
    '2 files: 2 passed, 0 failed, 0 cancelled',
    'wall-clock 2.0 s, sum of the files 2.4 s',
  ]);
});

test('what failed or did not run to its end is named again at the end', () => {
  expect(report(['one', 'failed', 'retried'], ['three', 'cancelled'])).toEqual([
    '2 files, 3 tests, 2 workers',
    'CANCELLED b.spec.ts (1 test, 0.6 s)',
    'FAIL a.spec.ts (1 of 2 tests failed, 0.6 s)',
    'CANCELLED b.spec.ts (1 test, 0.6 s)',
    '2 files: 0 passed, 1 failed, 1 cancelled',
    'wall-clock 2.0 s, sum of the files 1.2 s',
  ]);
});

test('where no file has ended there are no counts', () => {
  expect(report()).toEqual(['2 files, 3 tests, 2 workers']);
});

test('a worker that was killed is told with its test', () => {
  const lines: string[] = [];
  const events = new Events();
  const stop = reportEvents(events, (text) => lines.push(stripVTControlCharacters(text)));
  events.emit({ type: 'tests-planned', tests: TESTS, workers: 2, isFullyParallel: false });
  const test = { ...planned('one', 'a.spec.ts'), retry: 0 };
  const failure = { reason: 'killed', exit: 'signal SIGKILL' } as const;
  const result = { type: 'test-result', test, worker: 3, slot: 1, outcome: 'failed', isFinal: false, ms: 5 } as const;
  events.emit({ ...result, failure });
  events.emit({ ...result, failure: { ...failure, reason: 'timed out' } });
  stop();
  expect(lines.slice(1)).toEqual([
    "worker 3 (slot 1) was killed in 'one' (signal SIGKILL); another one takes its place",
  ]);
});
