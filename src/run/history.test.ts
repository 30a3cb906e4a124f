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
import { type Ending, earlierRuns, keepHistory, readHistory } from './history.ts';

/** STACKS_CACHE of a test, which is the project, too. */
const test = base.extend<{ cache: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads it.
  cache: async ({}, use) => {
    const cache = mkdtempSync(join(tmpdir(), 'stk-history-'));
    chmodSync(cache, 0o755); // Postgres may run as another user.
    const before = process.env.STACKS_CACHE;
    process.env.STACKS_CACHE = cache;
    await use(cache);
    if (before === undefined) delete process.env.STACKS_CACHE;
    else process.env.STACKS_CACHE = before;
    await rm(cache, { recursive: true });
  },
});

const files = (cache: string) => readdirSync(cache).filter((name) => name.startsWith('history-'));

const passed = (ms: number): Ending => ({ outcome: 'passed', ms });
const failed: Ending = { outcome: 'failed', ms: 9_000 };
const flaky: Ending = { outcome: 'flaky', ms: 9_000 };

/** One run after the other, each with one ending of each test. */
async function runs(cache: string, all: Readonly<Record<string, readonly Ending[]>>): Promise<void> {
  const count = Math.max(...Object.values(all).map(({ length }) => length));
  for (let run = 0; run < count; run += 1) {
    const endings = Object.entries(all).flatMap(([id, each]): [string, Ending][] => {
      const ending = each[run];
      return ending ? [[id, ending]] : [];
    });
    await keepHistory(cache, new Map(endings));
  }
}

test('how tests went is there for the next run: outcomes, the median of what passed, how often it changed', async ({
  cache,
}) => {
  expect(await readHistory(cache)).toEqual(new Map());
  await runs(cache, {
    steady: [passed(10.4), passed(900), passed(30)],
    'back and forth': [passed(5), failed, flaky, failed],
    mended: [failed, failed, passed(7)],
  });
  const history = await readHistory(cache);
  expect(earlierRuns(history, ['steady', 'mended', 'unknown', 'back and forth'])).toEqual({
    steady: { passed: 3, failed: 0, flaky: 0, changes: 0, ms: 30 },
    mended: { passed: 1, failed: 2, flaky: 0, changes: 1, ms: 7 },
    'back and forth': { passed: 1, failed: 2, flaky: 1, changes: 3, ms: 5 },
  });
  expect(await readHistory(join(cache, 'another project'))).toEqual(new Map());
  expect(files(cache)).toHaveLength(1);
});

test('of a test the last eight runs are kept', async ({ cache }) => {
  await runs(cache, { a: [failed, failed, ...Array.from({ length: 7 }, (_, index) => passed(index))] });
  expect((await readHistory(cache)).get('a')).toBe('fp0p1p2p3p4p5p6');
});

test('they are bounded: the oldest tests and projects are forgotten', async ({ cache }) => {
  await keepHistory(cache, new Map([['oldest', failed]]));
  await keepHistory(cache, new Map(Array.from({ length: 20_000 }, (_, n) => [`t${n}`, passed(n)])));
  expect((await readHistory(cache)).has('oldest')).toBe(false);
  const [first = ''] = files(cache);
  utimesSync(join(cache, first), 1, 1);
  for (let n = 0; n < 50; n += 1) {
    writeFileSync(join(cache, `history-${n.toString(16).padStart(16, '0')}.json`), '[]');
  }
  await keepHistory(join(cache, 'another project'), new Map([['a', failed]]));
  expect(files(cache)).toHaveLength(50);
  expect(existsSync(join(cache, first))).toBe(false);
});

test('a file that somebody has changed or put there costs what it has and nothing else', async ({ cache }) => {
  await keepHistory(cache, new Map([['a', failed]]));
  const [name = ''] = files(cache);
  const odd = '[["a", "x"], ["b", -1], 7, null, ["c", "p1p"], ["d", "ffffffffffffffff"], ["e", "p99999999999"]]';
  for (const text of ['', '{}', '[["a"', odd, 'x'.repeat(5_000_000)]) {
    writeFileSync(join(cache, name), text);
    expect(await readHistory(cache)).toEqual(new Map());
  }
  await rm(join(cache, name));
  const theirs = join(cache, 'theirs');
  writeFileSync(theirs, '[["a", "f"]]');
  symlinkSync(theirs, join(cache, name));
  expect(await readHistory(cache)).toEqual(new Map());
  await keepHistory(cache, new Map([['b', passed(2)]]));
  expect(await readHistory(cache)).toEqual(new Map([['b', 'p2']]));
  expect(readFileSync(theirs, 'utf8')).toBe('[["a", "f"]]');
});
