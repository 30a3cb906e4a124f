import { expect, test } from '@playwright/test';
import type { Span } from '../../state/spans.ts';
import { EMPTY_TIMELINE, type OpenSpan, type Timeline } from '../../state/timeline.ts';
import { hasOnlyGrown, type Lane, laneMaker } from './lanes.ts';

const span = (from: number, to: number): Span => ({ kind: 'test', from, to, title: 't', outcome: 'passed' });
const open = (lane: string, from: number): OpenSpan => ({ lane, kind: 'test', from, title: 'runs' });

test('lanes: the run, then slots by number, each with what still goes on', () => {
  const lanes = laneMaker();
  const timeline = {
    ...EMPTY_TIMELINE,
    lanes: { 'slot 2': [span(1, 2)], run: [span(1, 2)] },
    open: { a: open('slot 10', 5) },
  };
  expect(lanes(timeline, 9).map(({ name }) => name)).toEqual(['run', 'slot 2', 'slot 10']);
  expect(lanes(timeline, 9)[2]?.spans).toEqual([{ kind: 'test', from: 5, to: 9, title: 'runs' }]);
  expect(lanes(EMPTY_TIMELINE, 9)).toEqual([]);
});

test('a lane in which nothing has happened is the same object', () => {
  const lanes = laneMaker();
  const before: Timeline = {
    ...EMPTY_TIMELINE,
    lanes: { 'slot 0': [span(1, 2)], 'slot 1': [span(1, 2)], 'slot 2': [span(1, 2)] },
    open: { a: open('slot 0', 5), b: open('slot 1', 5) },
  };
  const first = lanes(before, 9);
  const after = {
    ...before,
    lanes: { ...before.lanes, 'slot 1': [span(1, 2), span(5, 8)] },
    open: { a: before.open.a as OpenSpan },
  };
  const isSame = (now: number, of: Timeline) => lanes(of, now).map((lane, index) => lane === first[index]);
  expect(isSame(9, after)).toEqual([true, false, true]);
  // What runs grows, and has only grown until something else happens.
  expect(isSame(10, after)).toEqual([false, false, true]);
  const grown = lanes(after, 11);
  const hasGrown = (next: readonly Lane[]) => next.map((lane, index) => hasOnlyGrown(lane, grown[index] as Lane));
  expect(hasGrown(lanes(after, 12))).toEqual([true, true, true]);
  const another = { ...after, open: { a: open('slot 0', 11) } };
  expect(hasGrown(lanes(another, 12))).toEqual([false, true, true]);
});
