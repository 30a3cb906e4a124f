import { expect, test } from '@playwright/test';
import { Paged } from './paged.ts';

test('an entry is replaced for whoever asks for that; who has the one before sees what was there', () => {
  const record = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`key ${n}`, n]));
  const before = Paged.of(record);
  const after = before.with('key 130', -1).with('key 0', -2).with('nothing', 7);
  expect([before.get('key 130'), after.get('key 130'), after.get('key 0'), after.get('nothing')]).toEqual([
    130,
    -1,
    -2,
    undefined,
  ]);
  expect(before.record).toEqual(record);
  expect(after.record).toEqual({ ...record, 'key 130': -1, 'key 0': -2 });
  expect(Object.keys(after.record)).toEqual(Object.keys(record));
  expect(after.values()).toEqual(Object.values(after.record));
  const { record: once } = after;
  expect([after.size, after.record === once, Paged.of({}).record]).toEqual([200, true, {}]);
});
