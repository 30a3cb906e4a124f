import { expect, test } from '@playwright/test';
import { growing, inTime, orAbort, poll, within } from './wait.ts';

test('poll looks until there is something, and once more when the time is over', async () => {
  let looks = 0;
  const third = () => (++looks === 3 ? 'found' : undefined);
  expect(await poll(third, { timeout: 60_000, interval: 1 })).toBe('found');
  expect(looks).toBe(3);
  expect(await poll(() => undefined, { timeout: 5, interval: 1 })).toBeUndefined();
  // Time that is over does not keep it from seeing what is there.
  expect(await poll(() => 'at once', { timeout: 0, interval: 1 })).toBe('at once');
});

test('an abort ends a poll, and what is awaited, with its reason', async () => {
  const reason = new Error('ended');
  const abort = new AbortController();
  const polling = poll(() => undefined, { timeout: 60_000, interval: 60_000, signal: abort.signal });
  const waiting = orAbort(abort.signal, new Promise(() => {}));
  abort.abort(reason);
  await expect(polling).rejects.toMatchObject({ cause: reason });
  await expect(waiting).rejects.toBe(reason);
  await expect(orAbort(abort.signal, 'never used')).rejects.toBe(reason);
});

test('a growing interval is a share of what was waited, within its bounds', () => {
  expect([0, 4, 40, 400].map(growing(5, 50))).toEqual([5, 5, 40, 50]);
  expect(growing(200, 2_000, 0.5)(1_000)).toBe(500);
});

test('who waits too long is told for what', async () => {
  await expect(within(1, 'the end', () => new Promise(() => {}))).rejects.toThrow('the end: not done within 1 ms');
});

test('what does not come in time is undefined', async () => {
  expect(await inTime(1, new Promise(() => {}))).toBeUndefined();
  expect(await inTime(60_000, Promise.resolve('here'))).toBe('here');
});
