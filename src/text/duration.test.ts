import { expect, test } from '@playwright/test';
import { duration } from './duration.ts';

test('whole minutes are minutes, all else are milliseconds', () => {
  expect([0, 1, 59_999, 60_000, 90_000, 1_800_000].map(duration)).toEqual([
    ...['0 ms', '1 ms', '59999 ms', '1 minute', '90000 ms', '30 minutes'],
  ]);
});
