// What a test or hook asks of the boundary between tests: which isolation, which group, which serial group, what of sequences.
import type { TestInfo } from '@playwright/test';
import type { Conditions } from '../../audit/plan.ts';
import { ISOLATIONS } from '../../config/isolations.ts';
import type { Isolation, Sequences } from '../../config/options.ts';
import type { ResolvedKeep } from '../../config/resolved.ts';
import { SEQUENCES } from '../../config/sequences.ts';
import { StacksError } from '../../errors.ts';
import type { Step } from '../../worker/between-tests.ts';
import type { Session } from '../../worker/session.ts';
import { isHook } from '../private.ts';
import { noteAudited } from './audited-test.ts';
import { keepDatabases } from './keep.ts';
import { reportFailure } from './report-failure.ts';
import { testRef } from './test-ref.ts';
import { type LeasedStack, worker } from './worker-state.ts';

/** What a project asks for. */
export interface ProjectIsolation {
  readonly level: Exclude<Isolation, 'off'>;
  /** Undefined: as the databases' options say. */
  readonly sequences: Sequences | undefined;
  /** Other projects depend on it: what it changes is for all of them. */
  readonly isSetup: boolean;
  /** After which tests the databases are set aside. */
  readonly keep: ResolvedKeep['when'];
}

/** Puts the stack where the test or hook begins; returns what is to be done after it. */
export async function isolate(
  { session, between, observe }: LeasedStack,
  testInfo: TestInfo,
  project: ProjectIsolation,
): Promise<() => Promise<void>> {
  worker.watched?.aroundWorkerFixtures(testInfo, (name) => between.beginFixture(name));
  const configured = stepOf(testInfo, project);
  const step = worker.audit ? { ...configured, ...asAudited(configured, worker.audit.plan.conditions) } : configured;
  await between.begin(step);
  const observed = observe();
  if (step.kind === 'test') await observed.begin();
  worker.observed = observed;
  return async () => {
    if (step.kind === 'test') await observed.end(step.test);
    if (step.kind === 'test' && worker.audit) await noteAudited(worker.audit, session, configured);
    const hasFailed = step.kind === 'test' && testInfo.status !== testInfo.expectedStatus;
    const isExplained = hasFailed || hasEndedBadly(session, testInfo);
    const isShown = isExplained || (observed.isShownAlways && step.kind === 'test');
    const explaining = isShown ? await import('./explain-failure.ts') : undefined; // most tests need none of it
    const write = isExplained ? await explaining?.explainFailure(observed, testInfo, between.late) : undefined;
    if (!isExplained) await explaining?.showStatements(observed, testInfo);
    if (hasFailed && step.isolation !== 'setup')
      await reportFailure(session, testInfo, between.rewound, observed.began);
    await keepDatabases(session, testInfo, project.keep, step.kind);
    await write?.();
    await between.end(step, hasPassed(testInfo) ? 'passed' : 'failed');
  };
}

/** A hook has failed, or a server has ended, for which the test will fail. */
function hasEndedBadly(session: Session, { status, expectedStatus }: TestInfo): boolean {
  if (session.servers.hasCrashed) return true;
  return status !== expectedStatus && (status === 'failed' || status === 'timedOut');
}

function stepOf(testInfo: TestInfo, project: ProjectIsolation): Step {
  const level = levelOf(testInfo, project.level);
  const isolation = project.isSetup ? 'setup' : level;
  return {
    kind: isHook(testInfo) ? 'hook' : 'test',
    test: testRef(testInfo),
    isolation,
    sequences: sequencesOf(testInfo, project.sequences),
    group: worker.watched?.groupOf(testInfo.titlePath[0]) ?? 0,
    serial: isolation === 'test' ? worker.watched?.serialGroup(testInfo) : undefined,
  };
}

/** What an audit tries instead. */
function asAudited({ isolation }: Step, conditions: Conditions): Pick<Step, 'isolation' | 'sequences'> | undefined {
  if (isolation === 'setup') return undefined;
  const { sequences } = conditions;
  return { isolation: conditions.isolation ?? isolation, ...(sequences && { sequences }) };
}

function hasPassed({ status, expectedStatus }: TestInfo): boolean {
  return status === expectedStatus || status === 'skipped';
}

function levelOf(testInfo: TestInfo, fallback: ProjectIsolation['level']): ProjectIsolation['level'] {
  const { value, where } = askedFor(testInfo, 'isolation');
  const level = value === undefined ? fallback : ISOLATIONS.find((each) => each === value);
  if (level !== undefined && level !== 'off') return level;
  throw new StacksError(
    'OPTIONS_INVALID',
    `${where} must be 'test', 'file' or 'worker', got ${JSON.stringify(value)}.`,
    {
      hint: "'off' is for whole projects: `use: { isolation: 'off' }` in the config.",
    },
  );
}

function sequencesOf(testInfo: TestInfo, fallback: Sequences | undefined): Sequences | undefined {
  const { value, where } = askedFor(testInfo, 'sequences');
  if (value === undefined) return fallback;
  const sequences = SEQUENCES.find((each) => each === value);
  if (sequences) return sequences;
  throw new StacksError('OPTIONS_INVALID', `${where} must be 'rewind' or 'keep', got ${JSON.stringify(value)}.`);
}

/** The last annotation decides: that of the test, or of the innermost describe that has one. Without any, `test.use()`. */
function askedFor(testInfo: TestInfo, option: string): { value: unknown; where: string } {
  const annotation = testInfo.annotations.findLast(({ type }) => type === option);
  if (annotation) return { value: annotation.description ?? null, where: `the annotation \`${option}\`` };
  return { value: worker.watched?.optionOf(testInfo, option), where: `\`${option}\` of test.use()` };
}
