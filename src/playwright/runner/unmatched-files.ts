// How many files of `testMatch` have no test that is to run: what `-g`, `--only-changed` and the like leave out.
import { lstatSync } from 'node:fs';
import type { FullConfig, FullProject, Suite } from '@playwright/test/reporter';
import { glob } from 'tinyglobby';
import { tryGit } from '../../workspace/git.ts';
import { readsGitignore } from '../private.ts';

/** What Playwright loads. */
const SOURCES = '**/*.{js,ts,mjs,mts,cjs,cts,jsx,tsx}';

/** Undefined: not known, as of a shard, whose tests are a part of those that match. */
export async function countUnmatched(config: FullConfig, suite: Suite): Promise<number | undefined> {
  if (config.shard) return undefined;
  const withTests = new Set(suite.suites.flatMap(({ suites }) => suites.map(({ location }) => location?.file)));
  const matching = new Set<string>();
  const unmatched = new Set<string>();
  for (const each of suite.suites) {
    const project = each.project();
    if (!project) return undefined;
    const files = await matchingFiles(project);
    for (const file of files) matching.add(file);
    const others = files.filter((file) => !withTests.has(file) && isPlainFile(file));
    const ignored = readsGitignore(each) ? await ignoredByGit(project.testDir, others) : NONE;
    if (!ignored) return undefined;
    for (const file of others) if (!ignored.has(file)) unmatched.add(file);
  }
  // Where `testMatch` means something else to us than to Playwright.
  if ([...withTests].some((file) => file !== undefined && !matching.has(file))) return undefined;
  return unmatched.size;
}

const NONE: ReadonlySet<string> = new Set();

/** Playwright follows no link. */
function isPlainFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** Undefined: `folder` is in no repository, or there is no git. */
async function ignoredByGit(folder: string, files: readonly string[]): Promise<ReadonlySet<string> | undefined> {
  if (files.length === 0) return NONE;
  const asked = tryGit(['check-ignore', '--no-index', '-z', '--stdin'], { cwd: folder, input: files.join('\0') });
  const { code, stdout } = await asked;
  return code > 1 ? undefined : new Set(stdout.split('\0'));
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
  return glob([...globs], { cwd, ignore, absolute: true, expandDirectories: false, followSymbolicLinks: false });
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
