// Which tests wait, run and are over.
import type { StampedEvent, TestRef } from '../events.ts';
import { filesOf, testsOf, withTests } from './files.ts';
import { Paged } from './paged.ts';
import {
  type Counts,
  type FileState,
  NO_COUNTS,
  NO_PROGRESS,
  type Progress,
  type RunState,
  type TestState,
} from './run-state.ts';

type Tests = Pick<RunState, 'progress' | 'running'> & { readonly files: Paged<FileState> };
type Planned = Extract<StampedEvent, { type: 'tests-planned' }>;
type Result = Extract<StampedEvent, { type: 'test-result' }>;
type Started = Extract<StampedEvent, { type: 'test-started' }>;

export function reduceTests(state: RunState, event: StampedEvent): Tests {
  switch (event.type) {
    case 'tests-planned':
      return planned(state.progress, event);
    case 'test-started':
      return change(state, event.test, (test, file) => started(test, event, moved(state, file, test, event)));
    case 'statements-counted':
      return change(state, event.test, (test) => counted(test, event));
    case 'failure-detail':
      return change(state, event.test, (test) => explained(test, event));
    case 'test-result':
      return change(state, event.test, (test) => ended(test, event));
    case 'tests-over':
      return { ...same(state), progress: { ...state.progress, ms: event.ms } };
    default:
      return same(state);
  }
}

function same(state: RunState): Tests {
  const { progress, running } = state;
  return { progress, running, files: filesOf(state) };
}

/** The next invocation: nothing of the one before counts. */
function planned({ invocation }: Progress, { tests, isFullyParallel }: Planned): Tests {
  const byFile = new Map<string, Planned['tests'][number][]>();
  for (const test of tests) {
    const key = keyOf(test);
    const known = byFile.get(key);
    if (known) known.push(test);
    else byFile.set(key, [test]);
  }
  const files = [...byFile].map(([key, all]): [string, FileState] => [key, plannedFile(all)]);
  const counts = { ...NO_COUNTS, total: tests.length, waiting: tests.length };
  const progress = { ...NO_PROGRESS, ...counts, invocation: invocation + 1, isFullyParallel };
  return { progress, running: [], files: Paged.of(Object.fromEntries(files)) };
}

function plannedFile(tests: Planned['tests']): FileState {
  const states = tests.map(({ id, title, titlePath }): [string, TestState] => [
    id,
    {
      ...{ id, title, titlePath, status: 'waiting', attempts: 0, ms: 0, moves: 0 },
      ...{ startedAt: undefined, worker: undefined, slot: undefined, errors: [], details: [], statements: undefined },
    },
  ]);
  const { file = '', project = '' } = tests[0] ?? {};
  const counts = { ...NO_COUNTS, total: states.length, waiting: states.length };
  return withTests({ file, project, counts, ms: 0, worker: undefined }, Paged.of(Object.fromEntries(states)));
}

function started(test: TestState, { at, worker, slot }: Started, isMoved: boolean): TestState {
  return { ...test, status: 'running', startedAt: at, worker, slot, moves: test.moves + (isMoved ? 1 : 0) };
}

function ended(test: TestState, { outcome, isFinal, ms, worker, slot, errors = [] }: Result): TestState {
  const status = isFinal ? outcome : 'waiting';
  // Of a flaky test those of the attempt that failed.
  const saysWhy = errors.length > 0 || outcome !== 'flaky';
  // Who never had a worker keeps none.
  const by = worker < 0 ? {} : { worker, slot };
  return {
    ...test,
    ...by,
    status,
    startedAt: undefined,
    attempts: test.attempts + 1,
    ms: test.ms + ms,
    errors: saysWhy ? errors : test.errors,
  };
}

function counted(test: TestState, event: Extract<StampedEvent, { type: 'statements-counted' }>): TestState {
  const { count, distinct, ms, rows } = event;
  return { ...test, statements: { count, distinct, ms, rows } };
}

/** Of one attempt, and each thing once. */
function explained(test: TestState, event: Extract<StampedEvent, { type: 'failure-detail' }>): TestState {
  const { about, text, test: of } = event;
  const others = test.details.filter((each) => each.about !== about && each.retry === of.retry);
  const details = [
    ...others.slice(0, MOST_DETAILS - 1),
    { about, text: text.slice(0, LONGEST_DETAIL), retry: of.retry },
  ];
  return { ...test, details };
}

const MOST_DETAILS = 8;
/** Characters. */
const LONGEST_DETAIL = 1_000;

/** Another worker had it before; or, where a file is one worker's, had begun its file and failed. */
function moved({ workers, progress }: RunState, file: FileState, test: TestState, { worker }: Started): boolean {
  if (test.attempts > 0) return test.worker !== worker;
  const last = file.worker;
  if (progress.isFullyParallel || last === undefined || last === worker) return false;
  return workers[last]?.why?.test?.file === file.file;
}

/** A test that was not planned, and one that is over, stay as they are. */
function change(state: RunState, ref: TestRef, next: (test: TestState, file: FileState) => TestState): Tests {
  const key = keyOf(ref);
  const files = filesOf(state);
  const file = files.get(key);
  const before = file && testsOf(file).get(ref.id);
  if (!file || !before || isOver(before)) return same(state);
  const after = next(before, file);
  const changed = changeFile(file, before, after);
  const isLast = changed.counts.completed === changed.counts.total;
  const progress = recount(state.progress, before, after);
  return {
    progress: isLast ? { ...progress, filesCompleted: progress.filesCompleted + 1 } : progress,
    running: running(state.running, key, after),
    files: files.with(key, changed),
  };
}

function changeFile(of: FileState, before: TestState, after: TestState): FileState {
  const { file, project, counts } = of;
  const worker = after.attempts > before.attempts ? after.worker : of.worker;
  const rest = { file, project, counts: recount(counts, before, after), ms: of.ms + after.ms - before.ms, worker };
  return withTests(rest, testsOf(of).with(after.id, after));
}

function running(all: RunState['running'], file: string, { id, status }: TestState): RunState['running'] {
  const isKnown = all.some((each) => each.id === id && each.file === file);
  if (isKnown === (status === 'running')) return all;
  return isKnown ? all.filter((each) => each.id !== id || each.file !== file) : [...all, { file, id }];
}

function recount<T extends Counts>(all: T, before: TestState, after: TestState): T {
  const counts: Record<keyof Counts, number> = { ...all };
  counts[before.status] -= 1;
  counts[after.status] += 1;
  if (isOver(after)) counts.completed += 1;
  return { ...all, ...counts };
}

function isOver({ status }: TestState): boolean {
  return status !== 'waiting' && status !== 'running';
}

/** Of `RunState.files`. */
export function keyOf({ file, project }: Pick<TestRef, 'file' | 'project'>): string {
  return project === '' ? file : `[${project}] ${file}`;
}
