import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test as base, expect } from '@playwright/test';
import type { FullConfig, Suite } from '@playwright/test/reporter';
import { git } from '../../workspace/git.ts';
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

function count(
  testDir: string,
  withTests: readonly string[],
  options: object = {},
  { respectGitIgnore = false, ...config }: { respectGitIgnore?: boolean; shard?: object } = {},
) {
  const project = { testDir, testMatch: DEFAULT, testIgnore: [], ...options };
  const files = withTests.map((file) => ({ location: { file: join(testDir, file), line: 0, column: 0 } }));
  const suite = { suites: [{ project: () => project, suites: files, _fullProject: { respectGitIgnore } }] };
  return countUnmatched({ shard: null, ...config } as FullConfig, suite as unknown as Suite);
}

test('files that match and have no test to run are counted, by globs and by expressions', async ({ folder }) => {
  expect(await count(folder, ['a.spec.ts'])).toBe(2);
  expect(await count(folder, ['a.spec.ts', 'deep/b.spec.ts', 'c.test.mjs'])).toBe(0);
  expect(await count(folder, ['a.spec.ts'], { testMatch: 'deep/*.ts', testIgnore: [] })).toBeUndefined();
  expect(await count(folder, ['a.spec.ts'], { testMatch: [/spec\.ts$/g, '*.test.*'] })).toBe(2);
  expect(await count(folder, ['a.spec.ts'], { testIgnore: [/deep/, '*.mjs'] })).toBe(0);
});

test('no link is followed, neither in a circle nor out of the folder', async ({ folder }) => {
  const outside = mkdtempSync(join(tmpdir(), 'stk-unmatched-'));
  writeFileSync(join(outside, 'e.spec.ts'), '');
  symlinkSync(folder, join(folder, 'deep/again'));
  symlinkSync(outside, join(folder, 'outside'));
  symlinkSync('a.spec.ts', join(folder, 'linked.spec.ts'));
  expect(await count(folder, ['a.spec.ts'])).toBe(2);
  expect(await count(folder, ['a.spec.ts'], { testMatch: /spec/ })).toBe(1);
  await rm(outside, { recursive: true });
});

test('what .gitignore names does not count where Playwright reads it, and what git cannot tell is not known', async ({
  folder,
}) => {
  writeFileSync(join(folder, '.gitignore'), 'deep/\n*.mjs\n!c.*\n');
  const reads = { respectGitIgnore: true };
  expect(await count(folder, ['a.spec.ts'], {}, reads)).toBeUndefined();
  await git(['init', '-q'], { cwd: folder });
  expect(await count(folder, ['a.spec.ts'], {}, reads)).toBe(1);
  expect(await count(folder, ['a.spec.ts'])).toBe(2);
});

test('of a shard it is not known', async ({ folder }) => {
  expect(await count(folder, ['a.spec.ts'], {}, { shard: { total: 2, current: 1 } })).toBeUndefined();
});
