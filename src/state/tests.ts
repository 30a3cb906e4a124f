// Which tests wait, run and are over.
import type { StampedEvent, TestRef } from '../events.ts';
import { type FileState, NO_PROGRESS, type Progress, type RunState, type TestState } from './run-state.ts';

type Tests = Pick<RunState, 'progress' | 'files'>;
type Planned = Extract<StampedEvent, { type: 'tests-planned' }>;
type Result = Extract<StampedEvent, { type: 'test-result' }>;
type Started = Extract<StampedEvent, { type: 'test-started' }>;

export function reduceTests(state: RunState, event: StampedEvent): Tests {
  switch (event.type) {
    case 'tests-planned':
      return planned(state.progress, event);
    case 'test-started':
      return change(state, event.test, (test) => started(test, event, moved(state, test, event)));
    case 'failure-detail':
      return change(state, event.test, (test) => explained(test, event));
    case 'test-result':
      return change(state, event.test, (test) => ended(test, event));
    case 'tests-over':
      return { ...state, progress: { ...state.progress, ms: event.ms } };
    default:
      return state;
  }
}

/** The next invocation: nothing of the one before counts. */
function planned({ invocation }: Progress, { tests, isFullyParallel }: Planned): Tests {
  const files: Record<string, { file: string; project: string; tests: Record<string, TestState> }> = {};
  for (const { id, title, titlePath, file, project } of tests) {
    const key = keyOf({ file, project });
    files[key] ??= { file, project, tests: {} };
    files[key].tests[id] = {
      ...{ id, title, titlePath, status: 'waiting', attempts: 0, ms: 0, moves: 0 },
      ...{ startedAt: undefined, worker: undefined, slot: undefined, errors: [], details: [] },
    };
  }
  const total = tests.length;
  return { files, progress: { ...NO_PROGRESS, invocation: invocation + 1, isFullyParallel, total, waiting: total } };
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
function moved({ files, workers, progress }: RunState, test: TestState, { test: ref, worker }: Started): boolean {
  if (test.attempts > 0) return test.worker !== worker;
  if (progress.isFullyParallel) return false;
  const before = Object.values(files[keyOf(ref)]?.tests ?? {}).filter((each) => each.attempts > 0);
  const last = before.at(-1)?.worker;
  return last !== undefined && last !== worker && workers[last]?.why?.test?.file === ref.file;
}

/** A test that was not planned, and one that is over, stay as they are. */
function change(state: RunState, ref: TestRef, next: (test: TestState) => TestState): Tests {
  const key = keyOf(ref);
  const file: FileState | undefined = state.files[key];
  const before = file?.tests[ref.id];
  if (!file || !before || isOver(before)) return state;
  const after = next(before);
  const files = { ...state.files, [key]: { ...file, tests: { ...file.tests, [ref.id]: after } } };
  return { files, progress: recount(state.progress, before, after) };
}

function recount(progress: Progress, before: TestState, after: TestState): Progress {
  const counts = { ...progress };
  counts[before.status] -= 1;
  counts[after.status] += 1;
  if (isOver(after)) counts.completed += 1;
  return counts;
}

function isOver({ status }: TestState): boolean {
  return status !== 'waiting' && status !== 'running';
}

/** Of `RunState.files`. */
export function keyOf({ file, project }: Pick<TestRef, 'file' | 'project'>): string {
  return project === '' ? file : `[${project}] ${file}`;
}
