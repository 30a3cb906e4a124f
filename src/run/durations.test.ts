import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import { keepDurations, readDurations } from './durations.ts';

/** STACKS_CACHE of a test, which is the project, too. */
const test = base.extend<{ cache: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads it.
  cache: async ({}, use) => {
    const cache = mkdtempSync(join(tmpdir(), 'stk-durations-'));
    chmodSync(cache, 0o755); // Postgres may run as another user.
    const before = process.env.STACKS_CACHE;
    process.env.STACKS_CACHE = cache;
    await use(cache);
    if (before === undefined) delete process.env.STACKS_CACHE;
    else process.env.STACKS_CACHE = before;
    await rm(cache, { recursive: true });
  },
});

const files = (cache: string) => readdirSync(cache).filter((name) => name.startsWith('durations-'));

test('durations of tests are there for the next run, each as it was last', async ({ cache }) => {
  expect(await readDurations(cache)).toEqual(new Map());
  await keepDurations(
    cache,
    new Map([
      ['a', 10.4],
      ['b', 20],
    ]),
  );
  await keepDurations(cache, new Map([['a', 30]]));
  expect([...(await readDurations(cache))]).toEqual([
    ['b', 20],
    ['a', 30],
  ]);
  expect(await readDurations(join(cache, 'another project'))).toEqual(new Map());
  expect(files(cache)).toHaveLength(1);
});

test('they are bounded: the oldest tests and projects are forgotten', async ({ cache }) => {
  await keepDurations(cache, new Map([['oldest', 1]]));
  await keepDurations(cache, new Map(Array.from({ length: 20_000 }, (_, n) => [`t${n}`, n])));
  expect((await readDurations(cache)).has('oldest')).toBe(false);
  const [first = ''] = files(cache);
  utimesSync(join(cache, first), 1, 1);
  for (let n = 0; n < 50; n += 1) {
    writeFileSync(join(cache, `durations-${n.toString(16).padStart(16, '0')}.json`), '[]');
  }
  await keepDurations(join(cache, 'another project'), new Map([['a', 1]]));
  expect(files(cache)).toHaveLength(50);
  expect(existsSync(join(cache, first))).toBe(false);
});

test('a file that somebody has changed or put there costs the durations and nothing else', async ({ cache }) => {
  await keepDurations(cache, new Map([['a', 1]]));
  const [name = ''] = files(cache);
  for (const text of ['', '{}', '[["a"', '[["a", "x"], ["b", -1], 7, null]', 'x'.repeat(5_000_000)]) {
    writeFileSync(join(cache, name), text);
    expect(await readDurations(cache)).toEqual(new Map());
  }
  await rm(join(cache, name));
  const theirs = join(cache, 'theirs');
  writeFileSync(theirs, '[["a", 1]]');
  symlinkSync(theirs, join(cache, name));
  expect(await readDurations(cache)).toEqual(new Map());
  await keepDurations(cache, new Map([['b', 2]]));
  expect(await readDurations(cache)).toEqual(new Map([['b', 2]]));
  expect(readFileSync(theirs, 'utf8')).toBe('[["a", 1]]');
});
