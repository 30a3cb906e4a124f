// The files of a state and the tests of a file: for all who read them plain records, made when somebody reads them; for
// those who change one at a time, or look for one, pages.
import { Paged } from './paged.ts';
import type { FileState, RunState, TestState } from './run-state.ts';

const FILES = new WeakMap<object, Paged<FileState>>();
const TESTS = new WeakMap<object, Paged<TestState>>();

// One getter for all: objects that have getters of their own have no shape in common, and are slow to make and to read.
const RECORD_OF_FILES: PropertyDescriptor = { enumerable: true, get: recordIn(FILES) };
const RECORD_OF_TESTS: PropertyDescriptor = { enumerable: true, get: recordIn(TESTS) };

function recordIn(all: WeakMap<object, Paged<unknown>>) {
  return function (this: object) {
    return all.get(this)?.record;
  };
}

/** Also of a state that was read from JSON. */
export function filesOf(state: Pick<RunState, 'files'>): Paged<FileState> {
  return paged(FILES, state, () => state.files);
}

export function testsOf(file: Pick<FileState, 'tests'>): Paged<TestState> {
  return paged(TESTS, file, () => file.tests);
}

/** The tests that run now, those that began first before the others. */
export function runningTests(state: RunState): readonly { readonly file: FileState; readonly test: TestState }[] {
  return state.running.flatMap(({ file: key, id }) => {
    const file = filesOf(state).get(key);
    const test = file && testsOf(file).get(id);
    return test ? [{ file, test }] : [];
  });
}

export function withFiles<T extends object>(rest: T, files: Paged<FileState>): T & Pick<RunState, 'files'> {
  FILES.set(rest, files);
  return Object.defineProperty(rest, 'files', RECORD_OF_FILES) as never;
}

export function withTests<T extends object>(rest: T, tests: Paged<TestState>): T & Pick<FileState, 'tests'> {
  TESTS.set(rest, tests);
  return Object.defineProperty(rest, 'tests', RECORD_OF_TESTS) as never;
}

function paged<T>(known: WeakMap<object, Paged<T>>, of: object, record: () => Readonly<Record<string, T>>): Paged<T> {
  const found = known.get(of) ?? Paged.of(record());
  known.set(of, found);
  return found;
}
