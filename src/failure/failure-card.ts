// The picture with which a failed test explains itself, looked at first: an SVG, for reports draw nothing else that is laid out.
import { lastErrorLine } from '../text/error-line.ts';
import type { Failure, ServerLog } from './failure.ts';
import { hasFailed, lateText, requestText } from './requests-text.ts';
import { rowsText } from './rows-text.ts';
import { stackText } from './stack-text.ts';
import { statementText } from './statements-text.ts';
import { type Block, card, gap, lines, type Tone, title } from './svg.ts';
import { timeline } from './timeline.ts';

/** Lines of an error in a log: its message, and where it was thrown. */
const ERROR_LINES = 8;
/** Characters of a line of the summary. */
const HEAD_COLUMNS = 105;
const MOST = { requests: 5, statements: 4, repeated: 3, rows: 10 };

export function failureCard(failure: Failure): string {
  const { logs, rows, stack, late } = failure;
  const label = summary(failure);
  const time = timeline(failure);
  return card(
    [
      ...headLines(label),
      gap(10),
      ...(time ? [time] : []),
      ...requestBlocks(failure),
      ...statementBlocks(failure),
      ...logs.flatMap(errorBlocks),
      ...(rows.count > 0 ? [...title('Rows changed'), lines(withoutFirstLine(rowsText(rows)), 'text', MOST.rows)] : []),
      ...(late ? [...title('Written late by an earlier test'), lines(lateText(late), 'warn', 3)] : []),
      ...title('The stack at the failure'),
      ...byLine(stackText(stack), [
        [/^ {2}server .*: ended/, 'bad'],
        [/, waits for session /, 'warn'],
      ]),
    ],
    label,
  );
}

/** What is worth looking for below. */
function summary({ began, ended, requests = [], late, logs, statements, counts, rows, stack }: Failure): string {
  const of = (count: number, one: string, more: string) => (count === 0 ? '' : `${count} ${count === 1 ? one : more}`);
  const shown = statements?.shown ?? [];
  const crashed = stack.servers.filter(({ is }) => is === 'ended').map(({ name }) => `server "${name}" has ended`);
  const erring = logs.filter(({ text }) => lastErrorLine(text) !== undefined);
  return [
    ...crashed,
    of(requests.filter(hasFailed).length, 'request failed', 'requests failed'),
    of(shown.filter(({ error }) => error !== undefined).length, 'statement failed', 'statements failed'),
    of(shown.filter(({ waited }) => waited !== undefined).length, 'waited for a lock', 'waited for locks'),
    ...erring.map(({ server }) => `an error in the log of "${server}"`),
    ...(statements?.repeated.slice(0, 1) ?? []).map(({ times }) => `one statement ${times} times (N+1)`),
    late ? 'late writes of an earlier test' : '',
    of(requests.length, 'request', 'requests'),
    of(statements?.count ?? counts?.count ?? 0, 'statement', 'statements'),
    of(rows.count, 'row changed', 'rows changed'),
    `${ended - began} ms`,
  ]
    .filter(Boolean)
    .join(' · ');
}

function requestBlocks({ began, requests = [] }: Failure): Block[] {
  const failed = requests.filter(hasFailed).slice(0, MOST.requests);
  if (failed.length === 0) return [];
  return [...title('Requests that failed'), ...failed.map((each) => lines(requestText(each, began), 'bad', 2))];
}

function statementBlocks({ began, statements }: Failure): Block[] {
  if (!statements) return [];
  const { shown, repeated } = statements;
  const failed = shown.filter(({ error }) => error !== undefined);
  const waited = shown.filter(({ error, waited: ms }) => error === undefined && ms !== undefined);
  const texts = (which: typeof shown) =>
    which.slice(0, MOST.statements).flatMap((each) =>
      byLine(statementText(each, began), [
        [/^ {4}ERROR /, 'bad'],
        [/^ {4}waited /, 'warn'],
        [/^ {4}(?:[^$].*, )?session /, 'dim'],
      ]),
    );
  const again = repeated.slice(0, MOST.repeated).map(({ sql, times }) => lines(`${times} × ${sql}`, 'warn', 3));
  return [
    ...(failed.length > 0 ? [...title('SQL that failed'), ...texts(failed)] : []),
    ...(waited.length > 0 ? [...title('SQL that waited for a lock'), ...texts(waited)] : []),
    ...(again.length > 0 ? [...title('The same SQL again and again (N+1)'), ...again] : []),
  ];
}

/** The last error that the server has printed. */
function errorBlocks({ server, text }: ServerLog): Block[] {
  const error = lastErrorLine(text)?.replace(/…$/, '');
  if (error === undefined) return [];
  const all = text.split('\n');
  const at = all.findLastIndex((line) => line.startsWith(error));
  const [first = '', ...rest] = all.slice(at, at + ERROR_LINES);
  return [
    ...title(`Server "${server}"`),
    lines(first, 'bad', 3),
    ...(rest.join('').trim() === '' ? [] : [lines(rest.join('\n').trimEnd(), 'dim', ERROR_LINES)]),
  ];
}

/** @param tones the first that matches a line is its tone */
function byLine(text: string, tones: readonly (readonly [RegExp, Tone])[]): Block[] {
  const all = text.trimEnd().split('\n');
  return all.map((line) => lines(line, tones.find(([pattern]) => pattern.test(line))?.[1] ?? 'text', 6));
}

/** Between two of its parts. */
function headLines(label: string): Block[] {
  const rows: string[] = [];
  for (const part of label.split(' · ')) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + part.length < HEAD_COLUMNS) rows[rows.length - 1] = `${last} · ${part}`;
    else rows.push(part);
  }
  return rows.map((row) => lines(row, 'head', 2));
}

function withoutFirstLine(text: string): string {
  return text.slice(text.indexOf('\n') + 1).trimEnd();
}
