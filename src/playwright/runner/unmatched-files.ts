// How many files of `testMatch` have no test that is to run: what `-g`, `--only-changed` and the like leave out.
import type { FullConfig, FullProject, Suite } from '@playwright/test/reporter';
import { glob } from 'tinyglobby';

/** What Playwright loads. */
const SOURCES = '**/*.{js,ts,mjs,mts,cjs,cts,jsx,tsx}';

/** Undefined: not known, as of a shard, whose tests are a part of those that match. */
export async function countUnmatched(config: FullConfig, suite: Suite): Promise<number | undefined> {
  if (config.shard) return undefined;
  const withTests = new Set<string>();
  const matching = new Set<string>();
  for (const each of suite.suites) {
    const project = each.project();
    if (!project) return undefined;
    for (const { location } of each.suites) if (location) withTests.add(location.file);
    for (const file of await matchingFiles(project)) matching.add(file);
  }
  // Where `testMatch` means something else to us than to Playwright.
  if ([...withTests].some((file) => !matching.has(file))) return undefined;
  return matching.size - withTests.size;
}

async function matchingFiles({ testDir, testMatch, testIgnore }: FullProject): Promise<readonly string[]> {
  const [match, ignore] = [patterns(testMatch), patterns(testIgnore)];
  const [byGlob, byExpression] = await Promise.all([
    match.globs.length > 0 ? find(testDir, match.globs, ignore.globs) : [],
    match.expressions.length > 0 ? find(testDir, [SOURCES], ignore.globs) : [],
  ]);
  const all = [...byGlob, ...byExpression.filter((file) => match.expressions.some((each) => matches(each, file)))];
  return all.filter((file) => !ignore.expressions.some((each) => matches(each, file)));
}

function find(cwd: string, globs: readonly string[], ignored: readonly string[]): Promise<string[]> {
  const ignore = ['**/node_modules/**', ...ignored];
  return glob([...globs], { cwd, ignore, absolute: true, expandDirectories: false });
}

/** A glob of Playwright's matches at any depth. */
function patterns(all: FullProject['testMatch']): { globs: readonly string[]; expressions: readonly RegExp[] } {
  const each = Array.isArray(all) ? all : [all];
  return {
    globs: each.filter((pattern) => typeof pattern === 'string').map((glob) => glob.replace(/^(?!\*\*\/)/, '**/')),
    expressions: each.filter((pattern) => typeof pattern !== 'string'),
  };
}

/** Whatever its flags. */
function matches(expression: RegExp, file: string): boolean {
  return new RegExp(expression.source, expression.flags.replace(/[gy]/g, '')).test(file);
}
