// The statements of a test as text: those that failed or waited first, then all in their order.
import type { StatementCounts } from '../test-events.ts';
import type { Statement, Statements } from './failure.ts';

/** Where they were not logged: what they come to, and those that took longest. */
export function countsText({ count, distinct, ms, rows, longest }: StatementCounts): string {
  if (count === 0) return '';
  const all = `${counted(count, 'statement')} (${distinct} distinct) in ${milliseconds(ms)}, ${counted(rows, 'row')}`;
  const most = longest.map(
    (each) => `${each.times} × ${oneLine(each.sql)}  ${milliseconds(each.ms)}, ${counted(each.rows, 'row')}`,
  );
  return `${[all, ...most].join('\n')}\n`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

export function statementsText({ since, count, distinct, ms, shown, repeated }: Statements): string {
  const striking = shown.filter(({ error, waited }) => error !== undefined || waited !== undefined);
  const left = count - shown.length;
  const parts = [
    `${counted(count, 'statement')} (${distinct} distinct) in ${milliseconds(ms)}`,
    section(
      'failed, or waited for a lock:',
      striking.map((each) => statementText(each, since)),
    ),
    section(
      'the same again and again (N+1):',
      repeated.map(({ sql, times }) => `${times} × ${sql}`),
    ),
    section(
      `in their order${left > 0 ? ` (${left} between the first and the last are left out)` : ''}:`,
      shown.map((each) => statementText(each, since)),
    ),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** @param since milliseconds since 1970 */
export function statementText(statement: Statement, since: number): string {
  const { at, sql, parameters, error, waited, application, session, request } = statement;
  const given = parameters.map((value, index) => `$${index + 1} = ${value === null ? 'NULL' : `'${value}'`}`);
  const lines = [
    `+${at - since} ms  ${outcome(statement)}  ${oneLine(sql)}`,
    given.length > 0 && given.join(', '),
    error !== undefined && `ERROR ${error}`,
    waited !== undefined && `waited for a lock, ${milliseconds(waited)} or more`,
    [application && `${application},`, `session ${session}`, request && `request ${request}`].filter(Boolean).join(' '),
  ];
  return lines.filter(Boolean).join('\n    ');
}

function outcome({ ms, error }: Statement): string {
  if (error !== undefined) return 'failed';
  return ms === undefined ? 'has not ended' : milliseconds(ms);
}

export function milliseconds(ms: number): string {
  return `${ms >= 100 ? Math.round(ms) : Number(ms.toPrecision(2))} ms`;
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function section(title: string, lines: readonly string[]): string | false {
  return lines.length > 0 && [title, ...lines].join('\n');
}
