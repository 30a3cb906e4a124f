// How long rewinds wait until the application is quiet: what the options say, what was learned, and when it is given up.
import { expect, test } from '@playwright/test';
import { type KnownQuiet, LISTEN } from '../lease/learned-quiet.ts';
import type { Heard } from '../rewind/quiet.ts';
import { QuietTime } from './quiet-time.ts';

const heard = (rest: Partial<Heard> = {}): Heard => ({
  waited: 0,
  ranOut: false,
  silence: 0,
  wrote: false,
  last: 1,
  ...rest,
});

/** Of a silence of 80. */
const LEARNED = { quiet: 130, most: 250, interval: 10 };

/** That knows `known`, and the list of what it reports. */
function quietTime(known: KnownQuiet, fixed?: { quiet: number; most: number }) {
  const reported: KnownQuiet[] = [];
  return { quiet: new QuietTime(fixed, known, ({ known }) => reported.push(known)), reported };
}

test('3 ms are waited for as long as nothing else is known', () => {
  const { quiet, reported } = quietTime(undefined);
  for (let n = 0; n < 5; n += 1) quiet.waited(heard({ ranOut: true, silence: 2 }));
  expect(quiet.asked('quiet')).toEqual({ quiet: 3, most: 6 });
  expect(quiet.asked('at once')).toEqual({ quiet: 0, most: 0 });
  expect(reported).toEqual([]);
});

test('after a late write it is listened to for some tests in which it does anything, then waited for with a margin', () => {
  const { quiet, reported } = quietTime(undefined);
  quiet.waited(heard({ last: 1000 }));
  quiet.wroteLate(heard({ last: 1005 }));
  expect([quiet.takeSight(), quiet.takeSight()]).toEqual([true, false]);
  for (let n = 0; n < LISTEN; n += 1) {
    expect(quiet.asked('quiet')).toEqual({ quiet: 250, most: 250, interval: 10 });
    quiet.waited(heard({ last: undefined }));
    quiet.waited(heard({ silence: n === 2 ? 80.4 : 0 }));
  }
  expect(quiet.asked('quiet')).toEqual(LEARNED);
  expect(reported).toEqual([
    { silence: 5, listen: 5, sights: 1 },
    { silence: 5, listen: 4, sights: 1 },
    { silence: 5, listen: 3, sights: 1 },
    { silence: 80, listen: 2, sights: 1 },
    { silence: 80, listen: 1, sights: 1 },
    { silence: 80, listen: 0, sights: 1 },
  ]);
  quiet.waited(heard({ silence: 100 }));
  expect(quiet.asked('quiet')).toEqual({ quiet: 160, most: 310, interval: 10 });
});

test('a write that is undone with the test that it comes after is a first sight, too', () => {
  const { quiet, reported } = quietTime(undefined);
  quiet.waited(heard({ silence: 2.6, wrote: true }));
  expect(quiet.takeSight()).toBe(true);
  expect(reported).toEqual([{ silence: 3, listen: 5, sights: 1 }]);
  quiet.waited(heard({ silence: 2.6, wrote: true }));
  expect(reported[1]).toEqual({ silence: 3, listen: 4, sights: 1 });
});

test('what comes later than is ever waited for, as from a timer, changes nothing', () => {
  const { quiet, reported } = quietTime(undefined);
  quiet.waited(heard({ last: 1000 }));
  quiet.wroteLate(heard({ last: 1251 }));
  expect(quiet.takeSight()).toBe(false);
  expect(quiet.asked('quiet')).toEqual({ quiet: 3, most: 6 });
  expect(reported).toEqual([]);
});

test('what the options say is waited for, whatever it does', () => {
  const { quiet, reported } = quietTime({ silence: 80, listen: 0, sights: 1 }, { quiet: 20, most: 40 });
  quiet.wroteLate(heard());
  expect(quiet.takeSight()).toBe(false);
  quiet.waited(heard({ silence: 30 }));
  expect(quiet.asked('quiet')).toEqual({ quiet: 20, most: 40 });
  expect(reported).toEqual([]);
});

for (const fixed of [undefined, { quiet: 130, most: 250 }]) {
  test(`three tests in a row in which the time ran out are the last, ${fixed ? 'also of' : 'without'} an option`, () => {
    const { quiet, reported } = quietTime(fixed ? undefined : { silence: 80, listen: 0, sights: 1 }, fixed);
    const ranOut = heard({ ranOut: true });
    for (const each of [ranOut, ranOut, heard(), ranOut, ranOut]) quiet.waited(each);
    expect(quiet.asked('quiet')).toMatchObject({ quiet: 130, most: 250 });
    quiet.waited(ranOut);
    expect(quiet.asked('quiet')).toEqual({ quiet: 3, most: 6 });
    quiet.wroteLate(heard());
    expect(quiet.takeSight()).toBe(false);
    expect(reported).toEqual(['in vain']);
  });
}

test('what another worker has learned holds here, too', () => {
  const { quiet } = quietTime(undefined);
  quiet.learn({ silence: 80, listen: 0, sights: 1 });
  expect(quiet.asked('quiet')).toEqual(LEARNED);
});

test('what another worker knew before does not undo a sight', () => {
  const { quiet } = quietTime({ silence: 20, listen: 0, sights: 1 });
  quiet.waited(heard({ last: 1000 }));
  quiet.wroteLate(heard({ last: 1080 }));
  quiet.learn({ silence: 30, listen: 0, sights: 1 });
  expect(quiet.asked('quiet')).toEqual({ quiet: 250, most: 250, interval: 10 });
});

for (const fixed of [undefined, { quiet: 150, most: 250 }]) {
  test(`a wait that caught a write was not in vain, whether or not the time ran out, ${fixed ? 'also of' : 'without'} an option`, () => {
    const { quiet, reported } = quietTime(fixed ? undefined : { silence: 120, listen: 0, sights: 1 }, fixed);
    for (let n = 0; n < 9; n += 1) quiet.waited(heard({ ranOut: true, wrote: true }));
    expect(quiet.asked('quiet').quiet).toBeGreaterThanOrEqual(150);
    expect(reported).toEqual([]);
  });
}
