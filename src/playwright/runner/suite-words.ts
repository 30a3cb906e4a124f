// What events say of Playwright's tests and their results.
import type { FullConfig, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import type { TestOutcome, TestRef } from '../../events.ts';
import { SKIPPED } from '../../names.ts';

export function planned(test: TestCase): Omit<TestRef, 'retry'> {
  const [, project = '', file = '', ...titlePath] = test.titlePath();
  return { id: test.id, title: test.title, titlePath, file, project };
}

export function fileOf(test: TestCase): string {
  const { project, file } = planned(test);
  return `${project}\n${file}`;
}

export function outcomeOf(test: TestCase, { status }: TestResult): TestOutcome {
  if (status === 'interrupted' || test.annotations.some(isOurSkip)) return 'cancelled';
  const outcome = test.outcome();
  if (outcome === 'expected') return 'passed';
  return outcome === 'unexpected' ? 'failed' : outcome;
}

/** Skipped by us because the run was broken. */
function isOurSkip({ type, description }: { type: string; description?: string }): boolean {
  return type === 'skip' && description?.startsWith(SKIPPED) === true;
}

/** No further attempt of it will come. */
export function isLast(test: TestCase, { status }: TestResult): boolean {
  return status === 'skipped' || test.ok() || test.results.length > test.retries;
}

/** Other projects depend on it, also where only it was chosen. */
export function isSetup({ projects }: FullConfig, suite: Suite): boolean {
  const name = suite.allTests().length > 0 ? suite.project()?.name : undefined;
  return name !== undefined && projects.some(({ dependencies }) => dependencies.includes(name));
}
