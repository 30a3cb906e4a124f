// `keep`: which tests leave their databases behind, to be looked at later.
import type { TestInfo } from '@playwright/test';
import type { ResolvedKeep } from '../../config/resolved.ts';
import type { Session } from '../../worker/session.ts';
import { testRef } from './test-ref.ts';
import { withoutItsTime } from './without-its-time.ts';
import { worker } from './worker-state.ts';

/** Begins the annotation. */
export const KEPT = 'the database was kept: ';

/** Sets the databases aside, as they are now, where `when` asks for it; an annotation says how they are opened. */
export async function keepDatabases(
  session: Session,
  testInfo: TestInfo,
  when: ResolvedKeep['when'],
  after: 'test' | 'hook',
): Promise<void> {
  if (when === 'never' || isUnfinished(testInfo) || worker.kept.has(testInfo)) return;
  const always = when === 'always' && after === 'test';
  if (!always && !isFailed(session, testInfo, after)) return;
  worker.kept.add(testInfo); // Its hooks come here, too.
  const hint = await withoutItsTime(testInfo, () => session.setAside(testRef(testInfo)));
  if (hint) testInfo.annotations.push({ type: 'stacks', description: `${KEPT}${hint}` });
}

function isFailed(session: Session, { status, expectedStatus }: TestInfo, after: 'test' | 'hook'): boolean {
  if (status === expectedStatus) return session.servers.hasCrashed;
  // A hook that passes has another status than a test that is expected to fail.
  return after === 'test' || status === 'failed' || status === 'timedOut';
}

/** There is nothing to look at, or the run is being ended. */
function isUnfinished({ status }: TestInfo): boolean {
  return status === 'skipped' || status === 'interrupted';
}
