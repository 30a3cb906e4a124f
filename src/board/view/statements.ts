// What the application's statements in a test came to, in a few words.
import type { TestState } from '../../state/run-state.ts';
import { clock } from './times.ts';

/** `14 statements in 3 ms` */
export function statementsText({ count, ms }: NonNullable<TestState['statements']>): string {
  return `${count} statement${count === 1 ? '' : 's'} in ${clock(ms)}`;
}
