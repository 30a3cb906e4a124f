// The line of a test file, once its last test is over.

import { testsOf } from '../state/files.ts';
import type { FileState } from '../state/run-state.ts';
import type { Colouring } from '../text/colours.ts';
import { printableName } from '../text/printable.ts';
import { count, seconds } from './words.ts';

export type FileStatus = 'PASS' | 'FAIL' | 'CANCELLED';

/** Each of its tests has its final outcome. */
export function isOver({ counts }: Pick<FileState, 'counts'>): boolean {
  return counts.completed === counts.total;
}

/** What did not run to its end is CANCELLED, or FAIL if a test of it failed. */
export function statusOf({ counts }: FileState): FileStatus {
  if (counts.failed > 0) return 'FAIL';
  return isOver({ counts }) && counts.cancelled === 0 ? 'PASS' : 'CANCELLED';
}

/** `[admin] notes.spec.ts`: several projects run one file several times. */
export function nameOf({ project, file }: Pick<FileState, 'project' | 'file'>): string {
  return printableName(project ? `[${project}] ${file}` : file);
}

/** `PASS notes.spec.ts (4 tests, 9.3 s, slot 0)` */
export function fileLine(file: FileState, colour: Colouring): string {
  const status = statusOf(file);
  const { failed, total } = file.counts;
  const of = failed > 0 ? `${failed} of ${count(total, 'test')} failed` : count(total, 'test');
  const tests = testsOf(file).values();
  const slots = [...new Set(tests.flatMap(({ slot }) => (slot === undefined ? [] : [slot])))].sort((a, b) => a - b);
  const where = slots.length > 0 ? [`${slots.length === 1 ? 'slot' : 'slots'} ${slots.join(', ')}`] : [];
  const facts = [of, seconds(file.ms), ...where].join(', ');
  return `${colour(COLOURS[status], status)} ${nameOf(file)} (${facts})`;
}

const COLOURS = { PASS: 'green', FAIL: 'red', CANCELLED: 'yellow' } as const;
