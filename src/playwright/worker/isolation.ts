// What a test starts from: which rewind belongs between two of Playwright's tests and hooks.
import type { TestInfo } from '@playwright/test';
import { ISOLATIONS } from '../../config/isolations.ts';
import type { Isolation } from '../../config/options.ts';
import type { ResolvedKeep } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import type { Session } from '../../worker/session.ts';
import { aroundWorkerFixtures, currentGroup, isHook, optionOf, serialGroup } from '../private.ts';
import { keepDatabases } from './keep.ts';
import { reportFailure } from './report-failure.ts';

/** What a project asks for. */
export interface ProjectIsolation {
  readonly level: Exclude<Isolation, 'off'>;
  /** Other projects depend on it: what it changes is for all of them. */
  readonly isSetup: boolean;
  /** After which tests the databases are set aside. */
  readonly keep: ResolvedKeep['when'];
}

let group: number | undefined;
/** The serial group that is under way: nothing is rewound inside it. */
let serial: object | undefined;
let phase: 'worker fixture' | 'hook' | 'test' | 'between' = 'between';
/** The rows that the last test of the group made, and lost. */
let undone: { readonly title: string; readonly rows: number } | undefined;

/** Puts the database where the test or hook begins; returns what is to be done after it. */
export async function isolate(
  session: Session,
  testInfo: TestInfo,
  project: ProjectIsolation,
): Promise<() => Promise<void>> {
  const title = testInfo.title;
  const kind = isHook(testInfo) ? 'hook' : 'test';
  aroundWorkerFixtures(testInfo, (name) => fixture(session, name));
  const level = levelOf(testInfo, project.level);
  if (project.isSetup) return setUp(session, testInfo, kind, project.keep);

  const unit = level === 'test' ? serialGroup(testInfo) : undefined;
  const current = currentGroup(testInfo.titlePath[0]);
  if (current !== group) {
    group = current;
    undone = undefined;
    await session.beginGroup(level === 'worker' ? 'as it is' : 'baseline', title);
  } else if (unit === undefined || unit !== serial) {
    if (serial) await session.undo('a serial group');
    await session.settle(title);
  }
  serial = unit;
  phase = kind;
  return async () => {
    phase = 'between';
    const failed = kind === 'test' && testInfo.status !== testInfo.expectedStatus;
    if (failed) await reportFailure(session, testInfo, undone);
    await keepDatabases(session, testInfo, project.keep, kind);
    if (unit) return;
    if (kind === 'hook' || level !== 'test') return session.keep();
    const rewound = await session.undo(title);
    const rows = rewound?.tables.reduce((sum, { deleted }) => sum + deleted, 0) ?? 0;
    if (rows > 0) undone = { title, rows };
  };
}

/** `stack.checkpoint()`. */
export async function checkpoint(session: Session): Promise<void> {
  if (phase === 'test') throw checkpointInTest();
  if (phase === 'hook') await session.checkpoint();
  // What a worker fixture writes stays in any case.
}

async function setUp(
  session: Session,
  testInfo: TestInfo,
  kind: 'hook' | 'test',
  keep: ResolvedKeep['when'],
): Promise<() => Promise<void>> {
  const end = await session.beginTurn();
  phase = kind;
  return async () => {
    phase = 'between';
    await keepDatabases(session, testInfo, keep, kind);
    await end(testInfo.status === testInfo.expectedStatus || testInfo.status === 'skipped' ? 'passed' : 'failed');
  };
}

async function fixture(session: Session, name: string): Promise<() => Promise<void>> {
  const before = phase;
  phase = 'worker fixture';
  const end = await session.beginFixture(name);
  return async () => {
    phase = before;
    await end();
  };
}

/** The last annotation decides: that of the test, or of the innermost describe that has one. */
function levelOf(testInfo: TestInfo, fallback: ProjectIsolation['level']): ProjectIsolation['level'] {
  const annotation = testInfo.annotations.findLast(({ type }) => type === 'isolation');
  const asked = annotation ? annotation.description : (optionOf(testInfo, 'isolation') ?? fallback);
  const level = ISOLATIONS.find((each) => each === asked);
  if (level === undefined || level === 'off') throw badLevel(asked, annotation ? 'annotation' : 'test.use()');
  return level;
}

function badLevel(asked: unknown, where: string): StacksError {
  const what = where === 'annotation' ? 'the annotation `isolation`' : '`isolation` of test.use()';
  return new StacksError(
    'OPTIONS_INVALID',
    `${what} must be 'test', 'file' or 'worker', got ${JSON.stringify(asked)}.`,
    {
      hint: "'off' is for whole projects: `use: { isolation: 'off' }` in the config.",
    },
  );
}

function checkpointInTest(): StacksError {
  return new StacksError('OPTIONS_INVALID', 'stack.checkpoint() was called in a test.', {
    hint: 'call it in a worker fixture or in `beforeAll`, whose changes are to stay; a test’s own are undone when it ends.',
  });
}
