// The last lines of a run: counts, its times and what workers gain, what isolation has cost.

import { testsOf } from '../state/files.ts';
import type { FileState, RunState, TestState } from '../state/run-state.ts';
import { printableName } from '../text/printable.ts';
import { someOf } from '../text/some-of.ts';
import { nameOf, statusOf } from './file-text.ts';
import type { IsolationCost } from './isolation-cost.ts';
import { count, seconds } from './words.ts';

/** Lines of one kind. */
const MOST = 20;

export interface Summary {
  readonly state: RunState;
  readonly cost: IsolationCost;
  /** The wall clock. */
  readonly ms: number;
  /** Files of `testMatch` none of whose tests was to run; undefined where that is not known. */
  readonly unmatched: number | undefined;
}

export function troubledFiles({ files }: RunState): readonly FileState[] {
  const all = Object.values(files);
  return [...all.filter(is('FAIL')), ...all.filter(is('CANCELLED'))];
}

export function summaryFacts({ state, cost, ms, unmatched }: Summary): string[] {
  const files = Object.values(state.files);
  const sum = files.reduce((total, file) => total + file.ms, 0);
  return [
    filesLine(files, unmatched),
    testsLine(state),
    `wall clock ${seconds(ms)}; the files' times add up to ${seconds(sum)}${gain(sum, ms)}`,
    ...slowestLine(files),
    ...cost.lines(),
    ...testLines('flaky', files, ({ status }) => status === 'flaky'),
    ...testLines('moved to another worker', files, ({ moves }) => moves > 0),
  ];
}

function filesLine(files: readonly FileState[], unmatched = 0): string {
  const counts = (['PASS', 'FAIL', 'CANCELLED'] as const).map((status) => {
    return `${files.filter(is(status)).length} ${NAMES[status]}`;
  });
  const others = unmatched > 0 ? `; ${unmatched} without a matching test` : '';
  return `${count(files.length, 'file')}: ${counts.join(', ')}${others}`;
}

function testsLine({ progress }: RunState): string {
  const outcomes = (['passed', 'failed', 'flaky', 'skipped', 'cancelled'] as const)
    .filter((outcome) => progress[outcome] > 0)
    .map((outcome) => `${progress[outcome]} ${outcome}`);
  const left = progress.total - progress.completed;
  return `${count(progress.total, 'test')}: ${[...outcomes, ...(left > 0 ? [`${left} not run`] : [])].join(', ')}`;
}

const NAMES = { PASS: 'passed', FAIL: 'failed', CANCELLED: 'cancelled' } as const;

/** What workers gain. Where the set-up of the run took more than they did, the quotient says nothing of them. */
function gain(sum: number, wall: number): string {
  const times = wall > 0 ? (sum / wall).toFixed(1) : '0';
  return Number(times) > 1 ? `, ${times} times the wall clock` : '';
}

function slowestLine(files: readonly FileState[]): string[] {
  if (files.length < 2) return [];
  const slowest = files.reduce((most, file) => (file.ms > most.ms ? file : most));
  return [`slowest file: ${nameOf(slowest)}, ${seconds(slowest.ms)}`];
}

function testLines(what: string, files: readonly FileState[], which: (test: TestState) => boolean): string[] {
  const titles = files.flatMap((file) =>
    testsOf(file)
      .values()
      .filter(which)
      .map(({ titlePath }) => [nameOf(file), ...titlePath.map(printableName)].join(' › ')),
  );
  return titles.length > 0 ? [`${what}: ${someOf(titles, MOST)}`] : [];
}

function is(status: ReturnType<typeof statusOf>): (file: FileState) => boolean {
  return (file) => statusOf(file) === status;
}
