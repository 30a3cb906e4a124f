// `test` with our fixtures, for tests that want more than an isolated stack. Internal fixtures begin with `$`; no
// public one is depended on, so that a user's own `stack` or `db` takes nothing of ours over.

import type {
  PlaywrightTestArgs,
  PlaywrightTestOptions,
  PlaywrightWorkerArgs,
  PlaywrightWorkerOptions,
} from '@playwright/test';
import { test as base, type TestType } from '@playwright/test';
import type { Isolation } from '../config/options.ts';
import { DEFAULT_VARIANT } from '../names.ts';
import { openDatabase, type StackDatabase } from './database-fixture.ts';
import { ownStack, type Stack } from './stack-fixture.ts';
import { currentSession } from './worker-session.ts';

/** Fixtures of one test. */
export interface StacksTestFixtures {
  /** The slot's database. */
  readonly db: StackDatabase;
  /** What the test starts from. @default the project's */
  readonly isolation: Exclude<Isolation, 'off'> | undefined;
}

/** Fixtures of a worker. */
export interface StacksWorkerFixtures {
  /** The worker's stack. */
  readonly stack: Stack;
}

interface Internal {
  readonly $variant: string;
  readonly $stack: Stack;
}

/**
 * Playwright's `test` with `stack` and `db`. Use it with `mergeTests(test, yours)` where you have a `test` of your own.
 */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & StacksTestFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & StacksWorkerFixtures
> = base.extend<StacksTestFixtures, StacksWorkerFixtures & Internal>({
  $variant: [DEFAULT_VARIANT, { option: true, scope: 'worker', box: true }],
  // `timeout: 0`: waiting for a stack has a deadline of its own, and is not the first test's time.
  $stack: [
    async ({ $variant }, use, workerInfo) => use(await ownStack(workerInfo, $variant)),
    { scope: 'worker', timeout: 0, box: true },
  ],
  // Read by name where it matters: only then it is known before the test is set up.
  isolation: [undefined, { option: true }],
  stack: [async ({ $stack }, use) => use($stack), { scope: 'worker', box: true }],
  db: [
    async ({ $stack }, use) => {
      await using database = openDatabase($stack.db.url, currentSession());
      await use(database);
    },
    { box: true },
  ],
});
