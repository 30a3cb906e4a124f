import { expect, test } from '@playwright/test';
import { BootTurns } from './boot-turns.ts';

const never = new AbortController().signal;

test('where the processors are busy, as many begin as there are; another when one has ended', async () => {
  const turns = new BootTurns({ most: 2, isIdle: () => false });
  const begun: number[] = [];
  const take = async (n: number) => {
    const end = await turns.take(never);
    begun.push(n);
    return end;
  };
  const [first] = await Promise.all([take(1), take(2)]);
  const third = take(3);
  const fourth = take(4);
  await new Promise(setImmediate);
  expect(begun).toEqual([1, 2]);
  first?.();
  (await third)();
  await fourth;
  expect(begun).toEqual([1, 2, 3, 4]);
});

test('where they are idle, and after a time in any case, one after the other begins, whatever runs', async () => {
  const turns = new BootTurns({ most: 1, isIdle: () => true });
  await Promise.all([1, 2, 3].map(() => turns.take(never)));
  const busy = new BootTurns({ most: 1, isIdle: () => false });
  await Promise.all([1, 2].map(() => busy.take(never)));
});

test('a turn ends once', async () => {
  const turns = new BootTurns({ most: 1, longestWait: Number.POSITIVE_INFINITY, isIdle: () => false });
  const end = await turns.take(never);
  const begun: number[] = [];
  const waiting = [2, 3].map(async (n) => {
    const endNext = await turns.take(never);
    begun.push(n);
    return endNext;
  });
  end();
  end();
  (await waiting[0])?.();
  expect(begun).toEqual([2]);
  (await waiting[1])?.();
});

test('one whose stack is opened no more leaves its place', async () => {
  const turns = new BootTurns({ most: 1, isIdle: () => false });
  const end = await turns.take(never);
  const given = new AbortController();
  const waiting = turns.take(given.signal);
  const next = turns.take(never);
  given.abort(new Error('another could not start'));
  await expect(waiting).rejects.toThrow('another could not start');
  end();
  (await next)();
});
