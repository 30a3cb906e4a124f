// What a worker notes for `npx playwright-stacks audit` of each test: which rows it has changed, before they are rewound.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { markedRows } from '../../audit/marks.ts';
import { type AuditPlan, NOTED_FILE } from '../../audit/plan.ts';
import type { NotedTest } from '../../audit/seen.ts';
import type { Step } from '../../worker/between-tests.ts';
import type { Session } from '../../worker/session.ts';
import type { Unit } from '../audited-suites.ts';
import { withChangedColumns } from '../fixtures/change-options.ts';
import type { PrivateSuite } from '../private-suites.ts';

/** What an audit has this worker do. */
export interface Audit {
  readonly plan: AuditPlan;
  /** By the id of the test. */
  readonly units: ReadonlyMap<string, Unit>;
  /** Changes the suite of a group before its tests run, and fills `units`. */
  readonly arrange: (suite: PrivateSuite) => void;
}

export async function noteAudited(
  { plan, units }: Audit,
  session: Session,
  { test, isolation }: Pick<Step, 'test' | 'isolation'>,
): Promise<void> {
  const unit = units.get(test.id);
  if (!unit || isolation === 'setup') return;
  const noted: NotedTest = { id: test.id, ...unit, isolation, rows: await rowsOf(session, plan.salt) };
  appendFileSync(join(plan.folder, NOTED_FILE), `${JSON.stringify(noted)}\n`, { mode: 0o600 });
}

/** Undefined: too many, or of a test that did DDL. */
async function rowsOf(session: Session, salt: string): Promise<NotedTest['rows']> {
  const changes = await session.changes().catch(() => undefined);
  return changes && markedRows(changes.map(withChangedColumns), salt);
}
