// Waiting for us is not the test's time.
import type { TestInfo } from '@playwright/test';

/** Waiting for a stack counts as the test's time in Playwright: its timeout is moved by as much. */
export async function withoutItsTime<T>(testInfo: TestInfo, wait: () => Promise<T>): Promise<T> {
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
