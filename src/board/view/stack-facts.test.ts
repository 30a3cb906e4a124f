import { expect, test } from '@playwright/test';
import { bytes, isWorthALine, queryText } from './stack-facts.ts';

test('sizes as people read them', () => {
  const counts = [0, 999, 1_000, 8_134_567, 9_960_000, 84_000_000, 999_600_000, 1_250_000_000];
  expect(counts.map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '8.1 MB', '10 MB', '84 MB', '1.0 GB', '1.3 GB']);
});

test('a query is worth a line when it is long, or waits for others, who are named', () => {
  const query = { pid: 1, sql: 'SELECT', ms: 1_200, blockers: [] };
  const blocker = { pid: 812, application: 'shop', state: 'idle in transaction', sql: 'UPDATE' };
  const waiting = { ...query, ms: 20, blockers: [blocker, { ...blocker, pid: 9, application: '' }] };
  expect([isWorthALine(query), isWorthALine({ ...query, ms: 900 }), isWorthALine(waiting)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(queryText(query)).toBe('runs for 1.2 s');
  expect(queryText(waiting)).toBe(
    'has waited 20 ms for pid 812 (shop, idle in transaction) and pid 9 (idle in transaction)',
  );
});
