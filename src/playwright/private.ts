// What is private in Playwright, and the only file that knows it (seen on 1.50.1, 1.57.0, 1.65.1).
import type { TestInfo } from '@playwright/test';

let groups = 0;

/** Counts the groups of tests that the runner hands to this worker. Called while the config loads, before the first. */
export function watchGroups(): void {
  if (groups > 0) return;
  groups = 1;
  // The first `runTestGroup` is what made the worker load the config: only later ones are seen here.
  process.on('message', (message) => {
    const method = property(property(message, 'params'), 'method') ?? property(message, 'method');
    if (method === 'runTestGroup') groups += 1;
  });
}

/** The number of the current group; every group shares one run of `beforeAll`. */
export function currentGroup(): number {
  return groups;
}

/** Whether the fixture is being set up for a `beforeAll` or `afterAll` hook, and not for a test. */
export function isHook(testInfo: TestInfo): boolean {
  const current = property(testInfo, '_currentHookType');
  const type = typeof current === 'function' ? current.call(testInfo) : undefined;
  return type === 'beforeAll' || type === 'afterAll';
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
