// How events name the test that this worker runs.
import type { TestInfo } from '@playwright/test';
import type { TestRef } from '../../events.ts';

export function testRef({
  testId: id,
  title,
  titlePath: [file = '', ...titlePath],
  project,
  retry,
}: TestInfo): TestRef {
  return { id, title, titlePath, file, project: project.name, retry };
}
