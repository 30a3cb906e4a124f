// What earlier runs say of a test.
import { expect, test } from '@playwright/test';
import type { EarlierRuns } from '../../events.ts';
import type { TestState } from '../../state/run-state.ts';
import { earlierText, failureText } from './earlier.ts';

const runs = (counts: Partial<EarlierRuns>): EarlierRuns => ({ passed: 0, failed: 0, flaky: 0, changes: 0, ...counts });

test('slower is more than twice the median and half a second more, of three runs or more', () => {
  const said = (ms: number, earlier: Partial<EarlierRuns>, more: Partial<TestState> = {}) =>
    earlierText({ status: 'passed', attempts: 1, ms, ...more } as TestState, runs(earlier));
  expect(said(2_480, { passed: 3, ms: 800 })).toBe('3.1× its usual 800 ms');
  expect(said(40_000, { passed: 8, ms: 2_000 })).toBe('20× its usual 2.0 s');
  expect(said(1_600, { passed: 3, ms: 800 })).toBeUndefined();
  expect(said(520, { passed: 8, ms: 20 })).toBeUndefined();
  expect(said(2_480, { passed: 2, ms: 800 })).toBeUndefined();
  expect(said(2_480, { passed: 3, ms: 800 }, { attempts: 2, status: 'flaky' })).toBeUndefined();
  expect(said(2_480, { passed: 3, ms: 800 }, { status: 'failed' })).toBeUndefined();
});

test('unsteady is what passed when retried, or went back and forth: not what was mended, nor what fails since a change', () => {
  const said = (earlier: Partial<EarlierRuns>) => earlierText({ status: 'waiting' } as TestState, runs(earlier));
  expect(said({ passed: 6, flaky: 2 })).toBe('unsteady: passed only when retried in 2 of its last 8 runs');
  expect(said({ passed: 4, failed: 2, flaky: 1, changes: 2 })).toBe(
    'unsteady: failed in 2, passed only when retried in 1 of its last 7 runs',
  );
  expect(said({ passed: 3, failed: 5, changes: 1 })).toBeUndefined();
});

test('a test that failed says whether that is new', () => {
  expect([
    failureText(undefined),
    failureText(runs({ passed: 1 })),
    failureText(runs({ passed: 8 })),
    failureText(runs({ failed: 2 })),
    failureText(runs({ passed: 6, failed: 1, changes: 1 })),
    failureText(runs({ passed: 6, failed: 1, changes: 2 })),
  ]).toEqual([
    undefined,
    'passed in its last run',
    'passed in its last 8 runs',
    'failed in its last 2 runs, too',
    undefined,
    'unsteady: failed in 1 of its last 7 runs',
  ]);
});
