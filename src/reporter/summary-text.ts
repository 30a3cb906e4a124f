// The last lines of a run: what failed, counts, the times whose quotient is the gain, what isolation has cost.

import { testsOf } from '../state/files.ts';
import type { FileState, RunState, TestState } from '../state/run-state.ts';
import type { Colouring } from '../text/colours.ts';
import { printableName } from '../text/printable.ts';
import { fileLine, nameOf, statusOf } from './file-text.ts';
import type { IsolationCost } from './isolation-cost.ts';
import { count, seconds, someOf } from './words.ts';

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

/** What failed or was cancelled, then the facts. */
export function summaryLines(summary: Summary, colour: Colouring): string[] {
  if (Object.keys(summary.state.files).length === 0) return [];
  const troubled = troubledFiles(summary.state).map((file) => fileLine(file, colour));
  return [...bounded(troubled), ...summaryFacts(summary)];
}

export function troubledFiles({ files }: RunState): readonly FileState[] {
  const all = Object.values(files);
  return [...all.filter(is('FAIL')), ...all.filter(is('CANCELLED'))];
}

export function summaryFacts({ state, cost, ms, unmatched }: Summary): string[] {
  const files = Object.values(state.files);
  const sum = files.reduce((total, file) => total + file.ms, 0);
  const gain = ms > 0 ? `, ${(sum / ms).toFixed(1)} times as much` : '';
  return [
    filesLine(files, unmatched),
    testsLine(state),
    `wall clock ${seconds(ms)}, sum of the files ${seconds(sum)}${gain}`,
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

function bounded(lines: readonly string[]): readonly string[] {
  return lines.length > MOST ? [...lines.slice(0, MOST), `and ${lines.length - MOST} more`] : lines;
}
