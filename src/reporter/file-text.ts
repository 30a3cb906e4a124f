// The line of a test file, once its last test is over.

import type { FileState, TestState } from '../state/run-state.ts';
import type { Colouring } from '../text/colours.ts';
import { printableName } from '../text/printable.ts';
import { count, seconds } from './words.ts';

export type FileStatus = 'PASS' | 'FAIL' | 'CANCELLED';

/** Each of its tests has its final outcome. */
export function isOver({ tests }: FileState): boolean {
  return Object.values(tests).every(({ status }) => status !== 'waiting' && status !== 'running');
}

/** What did not run to its end is CANCELLED, or FAIL if a test of it failed. */
export function statusOf({ tests }: FileState): FileStatus {
  const all = Object.values(tests);
  if (all.some(({ status }) => status === 'failed')) return 'FAIL';
  return all.every((test) => isDone(test)) ? 'PASS' : 'CANCELLED';
}

/** Milliseconds: its tests' durations together, retries included. */
export function msOf({ tests }: FileState): number {
  return Object.values(tests).reduce((sum, { ms }) => sum + ms, 0);
}

/** `[admin] notes.spec.ts`: several projects run one file several times. */
export function nameOf({ project, file }: Pick<FileState, 'project' | 'file'>): string {
  return printableName(project ? `[${project}] ${file}` : file);
}

/** `PASS notes.spec.ts (4 tests, 9.3 s, slot 0)` */
export function fileLine(file: FileState, colour: Colouring): string {
  const status = statusOf(file);
  const tests = Object.values(file.tests);
  const failed = tests.filter((test) => test.status === 'failed').length;
  const of = failed > 0 ? `${failed} of ${count(tests.length, 'test')} failed` : count(tests.length, 'test');
  const slots = [...new Set(tests.flatMap(({ slot }) => (slot === undefined ? [] : [slot])))].sort((a, b) => a - b);
  const where = slots.length > 0 ? [`${slots.length === 1 ? 'slot' : 'slots'} ${slots.join(', ')}`] : [];
  const facts = [of, seconds(msOf(file)), ...where].join(', ');
  return `${colour(COLOURS[status], status)} ${nameOf(file)} (${facts})`;
}

const COLOURS = { PASS: 'green', FAIL: 'red', CANCELLED: 'yellow' } as const;

function isDone({ status }: TestState): boolean {
  return status === 'passed' || status === 'flaky' || status === 'skipped';
}
