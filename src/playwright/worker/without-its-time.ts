// Waiting for us is not the test's time.
import type { TestInfo } from '@playwright/test';

/** Of each test that has waited: how to set its limit, and by how much it is moved. */
const WAITED = new WeakMap<TestInfo, { setLimit(limit: number): void; ms: number }>();

/** Waiting for a stack or a lock counts as the test's time in Playwright: its timeout is moved by as much. */
export async function withoutItsTime<T>(testInfo: TestInfo, wait: () => Promise<T>): Promise<T> {
  const waited = waitedOf(testInfo);
  const { timeout } = testInfo;
  const began = performance.now();
  // No limit of the test's while we wait: what is waited for has a deadline of its own.
  waited.setLimit(0);
  try {
    return await wait();
  } finally {
    const ms = Math.ceil(performance.now() - began);
    waited.ms += ms;
    waited.setLimit(timeout === 0 ? 0 : timeout + ms);
  }
}

function waitedOf(testInfo: TestInfo) {
  const known = WAITED.get(testInfo);
  if (known) return known;
  const waited = { setLimit: testInfo.setTimeout.bind(testInfo), ms: 0 };
  WAITED.set(testInfo, waited);
  // `test.setTimeout()` in the test comes here too, and counts from the test's beginning.
  testInfo.setTimeout = (limit) => waited.setLimit(limit === 0 ? 0 : limit + waited.ms);
  return waited;
}
