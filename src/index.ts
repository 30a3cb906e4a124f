// The public face.
export { mergeTests } from '@playwright/test';
export type {
  BesideOptions,
  BuildOptions,
  CopyOptions,
  DatabaseOptions,
  Isolation,
  KeepOptions,
  KeepWhen,
  MachineOptions,
  Sequences,
  ServerContext,
  ServerOptions,
  SqlOptions,
  SqlWhen,
  StackOptions,
  StacksOptions,
  StackUse,
  TaskOption,
  WorkspaceOptions,
} from './config/options.ts';
export type { StackContext, TaskContext, WorkspaceContext } from './config/resolved.ts';
export { type ErrorCode, StacksError } from './errors.ts';
export type { Statement } from './failure/failure.ts';
export type { LockMode } from './locks/lock-table.ts';
export type { LockOptions } from './locks/locks.ts';
export type { ChangesOptions, TableOptions } from './playwright/fixtures/change-options.ts';
export type { DatabaseMark, StackDatabase } from './playwright/fixtures/database-fixture.ts';
export { type ExpectedChange, expect, type ToHaveChangedOptions } from './playwright/fixtures/expect.ts';
export type { ExpectedFileChange } from './playwright/fixtures/expect-files.ts';
export type { ExpectedStatements } from './playwright/fixtures/expect-statements.ts';
export { type StacksTestFixtures, type StacksWorkerFixtures, test } from './playwright/fixtures/fixtures.ts';
export type { Lock, TakeLock } from './playwright/fixtures/lock-fixture.ts';
export type { Stack } from './playwright/fixtures/stack-fixture.ts';
export type {
  Conflict,
  FileChange,
  GitCommandResult,
  KeptCommit,
  TestCommit,
  TestRepository,
  Workspace,
} from './playwright/fixtures/workspace-fixture.ts';
export { withStacks } from './playwright/with-stacks.ts';
export type { Change } from './rewind/changes.ts';
