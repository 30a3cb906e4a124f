import { expect, test } from '@playwright/test';
import type { StampedEvent } from '../../events.ts';
import { type BoardModel, EMPTY_MODEL, reduceModel } from '../board-model.ts';
import { running } from '../testing/sample-run.ts';
import { clock, elapsed, speedUp, timeLeft } from './times.ts';

test('times as people read them', () => {
  const times = [-1, 0, 48.4, 999, 1_000, 9_949, 47_900, 125_000, 3_725_000];
  expect(times.map(clock)).toEqual(['0 ms', '0 ms', '48 ms', '999 ms', '1.0 s', '9.9 s', '47 s', '2:05', '1:02:05']);
});

test('time left and speed-up: nothing before there is something to go by, nothing left at the end', () => {
  const sample = { slots: 4, files: 10, tests: 4, began: 1_000_000 };
  const isOfThisRun = ({ type }: StampedEvent) => type !== 'earlier-runs';
  const at = (share: number): BoardModel => running(sample, share).filter(isOfThisRun).reduce(reduceModel, EMPTY_MODEL);
  const [few, half, all] = [at(0.05).state, at(0.5).state, at(1).state];
  expect([timeLeft(few, 4, 0), speedUp(EMPTY_MODEL.state, 0)]).toEqual([undefined, undefined]);
  const mean = Object.values(half.files).flatMap(({ tests }) =>
    Object.values(tests).filter(({ attempts }) => attempts > 0),
  );
  const each = mean.reduce((sum, { ms }) => sum + ms, 0) / mean.length;
  const left = timeLeft(half, 4, 0) ?? 0;
  expect(left).toBeGreaterThan((each * half.progress.waiting) / 4);
  expect(left).toBeLessThan((each * (half.progress.waiting + 4)) / 4);
  expect(timeLeft(half, 2, 0)).toBeCloseTo(left * 2);
  expect(timeLeft(all, 4, 0)).toBeUndefined();
  const ran = Object.values(all.files)
    .flatMap(({ tests }) => Object.values(tests))
    .filter(({ status }) => status !== 'skipped');
  const sum = ran.reduce((total, { ms }) => total + ms, 0);
  const lasting = (wall: number) => ({ ...all, progress: { ...all.progress, ms: wall } });
  expect(speedUp(lasting(sum / 3), 0)).toBeCloseTo(3);
  expect(speedUp(lasting(sum * 3), 0)).toBeUndefined();
  expect(elapsed(all, 0)).toBe(all.progress.ms);
});
