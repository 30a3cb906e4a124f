// A failure as text for programs and their models: the shortest first, at most 8 kB.
import type { Failure, Statement } from './failure.ts';
import { hasFailed, lateText, requestText } from './requests-text.ts';
import { rowsText } from './rows-text.ts';
import { stackText } from './stack-text.ts';
import { countsText, statementText } from './statements-text.ts';

/** Bytes of all, and characters of a part. */
const MOST = 8_000;
const PARTS = { requests: 500, late: 300, sql: 2_000, repeated: 700, log: 2_200, rows: 1_000, stack: 800 };

/** @param commands what reproduces it, and what opens what was kept */
export function failureMarkdown(
  { began, requests = [], late, logs, statements, counts, rows, stack }: Failure,
  commands: readonly string[],
): string {
  const striking = (statements?.shown ?? []).filter(isStriking).map((each) => statementText(each, began));
  const repeated = (statements?.repeated ?? []).map(({ sql, times }) => `${times} × ${sql}`);
  const failed = requests.filter(hasFailed).map((each) => requestText(each, began));
  const sections = [
    section('Reproduce', commands.join('\n')),
    section('Requests that failed', beginning(failed.join('\n'), PARTS.requests)),
    section('SQL that failed, or waited for a lock', beginning(striking.join('\n'), PARTS.sql)),
    section('SQL that took longest', statements || !counts ? '' : beginning(countsText(counts), PARTS.sql)),
    section('SQL that was run again and again (N+1)', beginning(repeated.join('\n'), PARTS.repeated)),
    ...logs.map(({ server, text }) => section(`Server log: ${server} (the end)`, end(text, PARTS.log / logs.length))),
    rows.count > 0 && section('Rows that the test changed', beginning(rowsText(rows), PARTS.rows)),
    late && section('Written late by an earlier test', beginning(lateText(late), PARTS.late)),
    section('The stack', beginning(stackText(stack), PARTS.stack)),
  ];
  return withinBytes(`# What the stack says\n\n${sections.filter(Boolean).join('\n')}`);
}

function isStriking({ error, waited }: Statement): boolean {
  return error !== undefined || waited !== undefined;
}

/** In a fence that nothing in it can close. */
function section(title: string, text: string): string {
  if (text.trim() === '') return '';
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `## ${title}\n\n${fence}\n${text.trimEnd()}\n${fence}\n`;
}

function beginning(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}\n…`;
}

function end(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(-most)}`;
}

function withinBytes(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= MOST ? text : `${bytes.toString('utf8', 0, MOST - 10).replace(/\uFFFD+$/, '')}\n…\n`;
}
