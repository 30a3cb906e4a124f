// How many spares are started where the options do not say.
import { expect, test } from '@playwright/test';
import { type Machine, wantedSpares } from './wanted-spares.ts';

const MB = 1024 * 1024;
const machine =
  (own: Partial<Machine> = {}) =>
  (): Machine => ({
    ...{ processors: 4, stacks: 2, memory: 8_000 * MB, generation: 100 * MB },
    ...own,
  });

test('as many as boot while a test runs: one at first, and where a boot takes less than a test', () => {
  const wanted = (bootTime: number, ...periods: number[]) => wantedSpares({ bootTime, periods }, machine());
  expect(wanted(2_000)).toBe(1);
  expect(wanted(150, 300, 310, 290)).toBe(1);
  expect(wanted(1_000, 300, 310, 290)).toBe(4);
  expect(wanted(1_000, 300, 10_000, 310)).toBe(4); // one that was long is an exception
  expect(wanted(1_000, 0)).toBe(8);
});

test('no more than the processors and the memory are for, of all stacks together: one in any case, and none where one has no room', () => {
  const wanted = (own: Partial<Machine>) => wantedSpares({ bootTime: 60_000, periods: [100] }, machine(own));
  expect(wanted({})).toBe(8);
  expect(wanted({ stacks: 8 })).toBe(2);
  expect(wanted({ stacks: 64, memory: 64_000 * MB })).toBe(1);
  expect(wanted({ memory: 1_200 * MB })).toBe(3);
  expect(wanted({ memory: 500 * MB })).toBe(1);
  expect(wanted({ memory: 300 * MB })).toBe(0);
  expect(wantedSpares({ bootTime: 100, periods: [] }, machine({ memory: 300 * MB }))).toBe(0);
  expect(wanted({ generation: 0, memory: 1 })).toBe(8);
});
