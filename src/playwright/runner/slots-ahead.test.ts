import { chmodSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { noteSlots, slotsAhead } from './slots-ahead.ts';

let rootDir = '';
const before = process.env.STACKS_CACHE;

test.beforeAll(() => {
  rootDir = mkdtempSync(join(tmpdir(), 'stk-slots-'));
  chmodSync(rootDir, 0o755); // Postgres may run as another user.
  process.env.STACKS_CACHE = rootDir;
});

test.afterAll(async () => {
  if (before === undefined) delete process.env.STACKS_CACHE;
  else process.env.STACKS_CACHE = before;
  await rm(rootDir, { recursive: true });
});

const ahead = (words: string, isOwn = true) => slotsAhead({ rootDir, workers: 4 }, isOwn, words.split(' '));

test('a run of all tests opens all slots ahead; one that chooses among them, or shares its server, one', async () => {
  for (const all of ['test', 'test -c e2e --workers 4 --reporter=dot', 'test --headed -j 4 -x']) {
    expect([all, await ahead(all)]).toEqual([all, 4]);
  }
  for (const some of ['test a.spec.ts', 'test --last-failed', 'test -g title', 'test --workers 4 a', 'test --grep=x']) {
    expect([some, await ahead(some)]).toEqual([some, 1]);
  }
  expect(await ahead('test', false)).toBe(1);
});

test('one with the arguments of an earlier run opens as many as that needed, and no more than there are workers', async () => {
  for (const [words, slots] of [
    ['test --quiet', 2],
    ['test b.spec.ts', 3],
    ['test c', 9],
  ] as const) {
    await noteSlots(rootDir, slots, words.split(' '));
  }
  expect(await ahead('test --quiet')).toBe(2);
  expect(await ahead('test b.spec.ts', false)).toBe(3);
  expect(await ahead('test c')).toBe(4);
  expect(await ahead('test')).toBe(4);
});
