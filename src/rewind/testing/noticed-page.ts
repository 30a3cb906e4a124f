// The table of docs/rewind-noticed.md.
import type { Change, NoticedBy } from './change.ts';
import { EVERY_CHANGE } from './every-change.ts';

const BY: Readonly<Record<NoticedBy, { readonly superuser: string; readonly other: string }>> = {
  ddl: { superuser: 'event trigger', other: 'digest of the catalog' },
  compared: { superuser: 'compared at every rewind', other: 'compared at every rewind' },
  later: { superuser: 'when the next worker takes the stack', other: '' },
  nothing: { superuser: 'changes no result', other: 'changes no result' },
};

export function noticedTable(): string {
  const rows = [
    ['change', 'rewound by a superuser', 'by another role'],
    ...EVERY_CHANGE.map((each) => [nameOf(each), bySuperuser(each), byOther(each)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return lines.join('\n');
}

function nameOf({ change, since }: Change): string {
  return since ? `${change} (from Postgres ${since})` : change;
}

function bySuperuser({ change, noticed = 'ddl' }: Change): string {
  return noticed === 'ddl' && change.startsWith('our ') ? 'compared at every rewind' : BY[noticed].superuser;
}

function byOther({ change, by, noticed = 'ddl' }: Change): string {
  if (by === 'superuser') return 'may not';
  if (change.startsWith('EXPLAIN')) return BY.ddl.other;
  return change.endsWith('USER MAPPING') ? 'compared at every rewind' : BY[noticed].other;
}
