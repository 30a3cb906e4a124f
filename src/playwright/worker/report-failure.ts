// What a failed test is given to be understood by: the net changes that it made, and the commonest surprise.
import type { TestInfo } from '@playwright/test';
import type { Session } from '../../worker/session.ts';
import { withChangedColumns } from '../fixtures/change-options.ts';

/** Of more rows only the first are attached. */
const MOST = 500;

/** @param undone the last test of the group whose rows were rewound */
export async function reportFailure(
  session: Session,
  testInfo: TestInfo,
  undone: { readonly title: string; readonly rows: number } | undefined,
): Promise<void> {
  if (undone) {
    const rows = undone.rows === 1 ? '1 row' : `${undone.rows} rows`;
    const verb = undone.rows === 1 ? 'was' : 'were';
    const text = `${rows} made by '${undone.title}' ${verb} rewound; \`describe.serial\` or \`isolation: 'file'\` keeps them`;
    testInfo.annotations.push({ type: 'stacks', description: text });
    session.tell({ type: 'hint', test: testInfo.title, text });
  }
  // A test that did DDL has no list of changes.
  const changes = await session.changes().catch(() => []);
  if (changes.length === 0) return;
  const body = JSON.stringify(changes.slice(0, MOST).map(withChangedColumns), undefined, 2);
  await testInfo.attach('database changes', { body, contentType: 'application/json' });
}
