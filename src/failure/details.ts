// What explains a failed test in one line each, shortest first: for the terminal, the board and annotations.
import { lastErrorLine } from '../text/error-line.ts';
import type { Failure } from './failure.ts';
import { milliseconds, oneLine } from './statements-text.ts';

export interface Detail {
  readonly about: string;
  readonly text: string;
}

export function detailsOf({ logs, statements, stack }: Failure): Detail[] {
  const ended = stack.servers.filter(({ is }) => is === 'ended').map(({ name }) => name);
  const printed = new Map(logs.map(({ server, text }) => [server, lastErrorLine(text)]));
  const failed = statements?.shown.findLast(({ error }) => error !== undefined);
  const waited = statements?.shown.findLast((each) => each.waited !== undefined && each !== failed);
  const repeated = statements?.repeated[0];
  return [...new Set([...printed.keys(), ...ended])]
    .flatMap((name): Detail[] => {
      const line = printed.get(name);
      if (ended.includes(name)) return [{ about: `server "${name}" ended`, text: line ?? 'it printed no error' }];
      return line === undefined ? [] : [{ about: `server "${name}"`, text: line }];
    })
    .concat(
      failed ? { about: 'SQL', text: `${oneLine(failed.sql)}: ${failed.error}` } : [],
      waited
        ? { about: 'waited for a lock', text: `${milliseconds(waited.waited ?? 0)} or more: ${oneLine(waited.sql)}` }
        : [],
      repeated ? { about: 'N+1', text: `${repeated.times} × ${oneLine(repeated.sql)}` } : [],
    );
}
