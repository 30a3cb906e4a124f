import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import type { FullConfig, Suite } from '@playwright/test/reporter';
import { countUnmatched } from './unmatched-files.ts';

/** A folder with three test files, a helper and a package that has tests of its own. */
const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads it.
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'stk-unmatched-'));
    for (const name of ['a.spec.ts', 'deep/b.spec.ts', 'c.test.mjs', 'helper.ts', 'node_modules/x/d.spec.ts']) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), '');
    }
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

const DEFAULT = '**/*.@(spec|test).?(c|m)[jt]s?(x)';

function count(testDir: string, withTests: readonly string[], options: object = {}, config: object = {}) {
  const project = { testDir, testMatch: DEFAULT, testIgnore: [], ...options };
  const files = withTests.map((file) => ({ location: { file: join(testDir, file), line: 0, column: 0 } }));
  const suite = { suites: [{ project: () => project, suites: files }] };
  return countUnmatched({ shard: null, ...config } as FullConfig, suite as unknown as Suite);
}

test('files that match and have no test to run are counted, by globs and by expressions', async ({ folder }) => {
  expect(await count(folder, ['a.spec.ts'])).toBe(2);
  expect(await count(folder, ['a.spec.ts', 'deep/b.spec.ts', 'c.test.mjs'])).toBe(0);
  expect(await count(folder, ['a.spec.ts'], { testMatch: 'deep/*.ts', testIgnore: [] })).toBeUndefined();
  expect(await count(folder, ['a.spec.ts'], { testMatch: [/spec\.ts$/g, '*.test.*'] })).toBe(2);
  expect(await count(folder, ['a.spec.ts'], { testIgnore: [/deep/, '*.mjs'] })).toBe(0);
});

test('of a shard it is not known', async ({ folder }) => {
  expect(await count(folder, ['a.spec.ts'], {}, { shard: { total: 2, current: 1 } })).toBeUndefined();
});
