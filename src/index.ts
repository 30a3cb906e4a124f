// The public face.
export { expect, mergeTests } from '@playwright/test';
export type {
  DatabaseOptions,
  ServerOptions,
  StackOptions,
  StacksOptions,
  StackUse,
  TaskOption,
} from './config/options.ts';
export type { StackContext, TaskContext } from './config/resolved.ts';
export { type ErrorCode, StacksError } from './errors.ts';
export type { StackDatabase } from './playwright/database-fixture.ts';
export { type StacksTestFixtures, type StacksWorkerFixtures, test } from './playwright/fixtures.ts';
export type { Stack } from './playwright/stack-fixture.ts';
export { withStacks } from './playwright/with-stacks.ts';
