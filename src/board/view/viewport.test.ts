// Moving through a timeline, and what of it is drawn.
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import type { Span } from '../../state/spans.ts';
import { EMPTY_TIMELINE } from '../../state/timeline.ts';
import { barsOf } from './bars.ts';
import { inSight, pan, roomy, spanAt, ticks, whole, zoom } from './viewport.ts';

const limits = { from: 1_000, to: 11_000 };
const test1 = (from: number, to: number): Span => ({ kind: 'test', from, to, title: 't', outcome: 'passed' });

test('zooming keeps the moment under the pointer, and never leaves the run', () => {
  expect(zoom(limits, 2, 3_000, limits)).toEqual({ from: 2_000, to: 7_000 });
  expect(zoom({ from: 2_000, to: 7_000 }, 0.1, 3_000, limits)).toEqual(limits);
  fc.assert(
    fc.property(
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: 1_000, max: 11_000 }),
      (factor, at) => {
        const { from, to } = zoom({ from: 3_000, to: 6_000 }, factor, at, limits);
        return from >= 1_000 - 1e-6 && to <= 11_000 + 1e-6 && to - from >= 19;
      },
    ),
  );
});

test('panning stops at both ends', () => {
  const view = { from: 2_000, to: 4_000 };
  expect(pan(view, 500, limits)).toEqual({ from: 2_500, to: 4_500 });
  expect(pan(view, -5_000, limits)).toEqual({ from: 1_000, to: 3_000 });
  expect(pan(view, 50_000, limits)).toEqual({ from: 9_000, to: 11_000 });
});

test('all of a run has room for what comes, and stays where it is for a while', () => {
  expect(whole({ ...EMPTY_TIMELINE, lanes: { run: [test1(7, 9)] } }, 0, 5_000)).toEqual({ from: 7, to: 5_000 });
  let [moved, before] = [0, 0];
  for (let to = 60_000; to <= 120_000; to += 100) {
    const view = roomy({ from: 0, to });
    expect(view.to).toBeGreaterThanOrEqual(to);
    expect(view.to).toBeLessThanOrEqual(to * (1 + 1 / 16));
    if (view.to !== before) moved += 1;
    before = view.to;
  }
  expect(moved).toBeLessThan(35);
});

test('only what is in sight is looked at; the smallest of what lies over each other is hit', () => {
  const spans = [test1(0, 10), test1(20, 30), { ...test1(20, 60), kind: 'rewind' as const }, test1(70, 80)];
  expect(inSight(spans, { from: 15, to: 65 })).toEqual(spans.slice(1, 3));
  expect(spanAt(spans, 25, 0)).toBe(spans[1]);
  expect(spanAt(spans, 50, 0)).toBe(spans[2]);
  expect(spanAt(spans, 65, 2)).toBeUndefined();
  expect(spanAt(spans, 69, 2)).toBe(spans[3]);
});

test('20,000 tests in 1,000 pixels are a bar for each pixel, and a failed one among them is not lost', () => {
  const spans = Array.from({ length: 20_000 }, (_, index) => test1(index * 10, index * 10 + 9));
  spans[7_777] = { ...test1(77_770, 77_779), outcome: 'failed' };
  const bars = barsOf(spans, { from: 0, to: 200_000 }, 1_000);
  expect(bars.length).toBeLessThanOrEqual(1_002);
  expect(bars.filter(({ span }) => span.outcome === 'failed')).toHaveLength(1);
  expect(Math.max(...bars.map(({ x, width }) => x + width))).toBeLessThanOrEqual(1_002);
});

test('the axis has round moments since the beginning of the run', () => {
  expect(ticks(limits, 1_000, 5)).toEqual([1_000, 3_000, 5_000, 7_000, 9_000, 11_000]);
  expect(ticks({ from: 1, to: 1.7e12 }, 1, 10).length).toBeLessThanOrEqual(11);
  expect(ticks({ from: 4_100, to: 4_150 }, 1_000, 6)).toEqual([4_100, 4_110, 4_120, 4_130, 4_140, 4_150]);
});
