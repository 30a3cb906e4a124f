// Requests of a failed test as lines: when, what came of it, what was asked for.
import type { LateBefore, RequestMade } from './failure.ts';

/** An error of the application, or no answer. */
export function hasFailed({ status, error }: RequestMade): boolean {
  return error !== undefined || (status ?? 0) >= 500;
}

/** @param since milliseconds since 1970 */
export function requestText({ at, ms, method, server, path, status, error }: RequestMade, since: number): string {
  const came = error === undefined ? `${status ?? 'answered'}` : `no answer (${error})`;
  return `+${Math.round(at - since)} ms  ${came}  ${method} ${path} of "${server}", ${Math.round(ms)} ms`;
}

export function lateText({ test, rows, tables }: LateBefore): string {
  const who = test === undefined ? 'an earlier test' : `'${test.titlePath.join(' › ')}' (${test.file})`;
  return `${rows} ${rows === 1 ? 'row' : 'rows'} in ${tables.join(', ')}, after ${who} had ended: undone before this test began`;
}
