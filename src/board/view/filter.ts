// Which tests a person looks for.
import type { FileState, RunState, TestState } from '../../state/run-state.ts';
import { type Mark, marksOf } from './earlier.ts';
import { summaryOf } from './file-summary.ts';

export interface Filter {
  /** Words, all of which are in the file, the project or the titles. */
  readonly text: string;
  /** '' is any. */
  readonly status: TestState['status'] | '';
  /** What earlier runs say of it; '' is any. */
  readonly mark: Mark | '';
  readonly project: string | undefined;
  readonly slot: number | undefined;
}

export const NO_FILTER: Filter = { text: '', status: '', mark: '', project: undefined, slot: undefined };

export function isFiltering({ text, status, mark, project, slot }: Filter): boolean {
  return text.trim() !== '' || status !== '' || mark !== '' || project !== undefined || slot !== undefined;
}

type Matches = (file: FileState, test: TestState) => boolean;

function matching({ earlier }: RunState, { text, status, mark, project, slot }: Filter): Matches {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (file, test) => {
    if (status !== '' && test.status !== status) return false;
    if (mark !== '' && !marksOf(file, earlier)[mark].includes(test)) return false;
    if (project !== undefined && file.project !== project) return false;
    if (slot !== undefined && test.slot !== slot) return false;
    if (words.length === 0) return true;
    const all = `${file.file} ${file.project} ${test.titlePath.join(' ')}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
}

export interface FoundFile {
  readonly key: string;
  readonly file: FileState;
  readonly tests: readonly TestState[];
}

/** The files with the tests that match: those with failures first, then those that run, then as Playwright plans them. */
export function find(state: RunState, filter: Filter): readonly FoundFile[] {
  const matches = matching(state, filter);
  const found = Object.entries(state.files).flatMap(([key, file]) => {
    const { tests: all } = summaryOf(file);
    const tests = isFiltering(filter) ? all.filter((test) => matches(file, test)) : all;
    return tests.length === 0 ? [] : [{ key, file, tests }];
  });
  return found
    .map((each, index) => ({ each, index, rank: rank(each) }))
    .sort(byRank)
    .map(({ each }) => each);
}

interface Ranked {
  readonly index: number;
  readonly rank: number;
}

function byRank(one: Ranked, other: Ranked): number {
  return one.rank - other.rank || one.index - other.index;
}

function rank({ file, tests }: FoundFile): number {
  const { tests: all, failed, flaky, running } = summaryOf(file);
  const isShown = (some: readonly TestState[]) =>
    some.length > 0 && (tests === all || some.some((test) => tests.includes(test)));
  if (isShown(failed)) return 0;
  if (isShown(flaky)) return 1;
  return isShown(running) ? 2 : 3;
}

export interface Failure {
  readonly file: FileState;
  readonly test: TestState;
}

/** Failed tests, then flaky ones. */
export function failures(state: RunState, filter: Filter): readonly Failure[] {
  const matches = matching(state, filter);
  const of = (kind: 'failed' | 'flaky') =>
    Object.values(state.files).flatMap((file) => {
      const tests = summaryOf(file)[kind];
      return tests.length === 0 ? [] : tests.filter((test) => matches(file, test)).map((test) => ({ file, test }));
    });
  return [...of('failed'), ...of('flaky')];
}
