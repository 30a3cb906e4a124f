// The rows that a test changed, as a table: of an updated row only what differs.
import type { ChangedRow, ChangedRows } from './failure.ts';

/** Characters of a value. */
const LONGEST = 60;

type Row = Readonly<Record<string, unknown>>;

export function rowsText({ count, shown }: ChangedRows): string {
  const cells = shown.map((row) => [tableOf(row), row.op, values(row.key ?? {}), columnsOf(row)] as const);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...cells.map((line) => (line[column] ?? '').length)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = count > shown.length ? [`… and ${count - shown.length} more`] : [];
  return `${[`${count} ${count === 1 ? 'row' : 'rows'} changed`, ...lines, ...more].join('\n')}\n`;
}

function tableOf({ database, table }: ChangedRow): string {
  return database === undefined ? table : `${database}: ${table}`;
}

function columnsOf({ op, key = {}, before = {}, after = {} }: ChangedRow): string {
  if (op !== 'update') return values(without(op === 'insert' ? after : before, key));
  return Object.keys({ ...before, ...after })
    .filter(
      (column) =>
        shownValue(before[column], Number.POSITIVE_INFINITY) !== shownValue(after[column], Number.POSITIVE_INFINITY),
    )
    .map((column) => `${column} ${shownValue(before[column])} → ${shownValue(after[column])}`)
    .join(', ');
}

function without(row: Row, key: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !(column in key)));
}

function values(row: Row): string {
  return Object.entries(row)
    .map(([column, value]) => `${column} ${shownValue(value)}`)
    .join(', ');
}

function shownValue(value: unknown, longest = LONGEST): string {
  const text = value === null || value === undefined ? 'NULL' : (JSON.stringify(value) ?? String(value));
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
