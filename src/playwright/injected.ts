// The functions that `withStacks` puts under two of Playwright's context options. Playwright takes a function there for
// a fixture and sets it up around every hook and test, also in suites that know nothing of us. Two, so that a file's
// own `test.use({ bypassCSP })` displaces one of them only; whichever comes first does the work.
import type { TestInfo } from '@playwright/test';
import { isHook } from './private.ts';
import { enterStack, tellTest } from './worker-session.ts';

/** The options that carry our functions. */
export const CARRIERS = ['acceptDownloads', 'bypassCSP'] as const;

type Use = (value: unknown) => Promise<void>;
type Fixture = (fixtures: never, use: Use, testInfo: TestInfo) => Promise<void>;

/**
 * @param own the user's values of these options, which tests still get; where absent, Playwright's default
 * @param variant the variant that the project asks for
 */
export function carriers(
  own: Readonly<Record<string, unknown>>,
  variant: string,
): Readonly<Record<(typeof CARRIERS)[number], Fixture>> {
  return {
    // Playwright reads the parameters from the source: they must stay object patterns, and name the option itself.
    acceptDownloads: async ({ acceptDownloads }: { acceptDownloads: unknown }, use, testInfo) =>
      onStack(testInfo, variant, () => use(own.acceptDownloads ?? acceptDownloads)),
    bypassCSP: async ({ bypassCSP }: { bypassCSP: unknown }, use, testInfo) =>
      onStack(testInfo, variant, () => use(own.bypassCSP ?? bypassCSP)),
  };
}

let inside = false;

async function onStack(testInfo: TestInfo, variant: string, body: () => Promise<void>): Promise<void> {
  if (inside) return body();
  inside = true;
  try {
    const entry = await withoutItsTime(testInfo, () => enterStack(testInfo, variant, testInfo.titlePath[0]));
    if ('skip' in entry) return refuse(testInfo, entry.skip);
    const test = isHook(testInfo)
      ? { id: 'hook', title: '(hook)' }
      : { id: testInfo.testId, title: testInfo.titlePath.join(' › ') };
    tellTest('began', test);
    try {
      await body();
    } finally {
      tellTest('ended', test);
    }
  } finally {
    inside = false;
  }
}

/** A skipped retry would turn the failure that came before it into "flaky": that one fails again. */
function refuse(testInfo: TestInfo, reason: string): void {
  if (testInfo.retry > 0) throw new Error(reason);
  testInfo.skip(true, reason);
}

/** Waiting for a stack counts as the test's time in Playwright: its timeout is moved by as much. */
async function withoutItsTime<T>(testInfo: TestInfo, wait: () => Promise<T>): Promise<T> {
  const { timeout } = testInfo;
  const setTimeout = testInfo.setTimeout.bind(testInfo);
  const began = performance.now();
  // No limit of the test's while we wait: the lease has a deadline of its own.
  setTimeout(0);
  try {
    return await wait();
  } finally {
    const waited = Math.ceil(performance.now() - began);
    const moved = (limit: number) => setTimeout(limit === 0 ? 0 : limit + waited);
    moved(timeout);
    // `test.setTimeout()` in the test comes here too, and counts from the test's beginning.
    testInfo.setTimeout = moved;
  }
}
