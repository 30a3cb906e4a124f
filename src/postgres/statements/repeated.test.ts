import { expect, test } from '@playwright/test';
import { normalise, traceOf } from './normalise.ts';
import { repeated } from './repeated.ts';

test('statements are the same but for their values, comments and line ends', () => {
  const same = [
    `SELECT "name" FROM tags WHERE note = 1 AND kind IN ('a', 'b')`,
    'select name\n  from tags -- of a note\n where note=$1 and kind in ($2)',
  ];
  expect(new Set(same.map((sql) => normalise(sql).toLowerCase()))).toEqual(
    new Set(['select name from tags where note = ? and kind in (?)']),
  );
  expect(normalise("INSERT INTO t(a) VALUES ('it''s'); SELECT t.a::text")).toBe(
    'INSERT INTO t (a) VALUES (?); SELECT t.a :: text',
  );
  const trace = '0af7651916cd43dd8448eb211c80319c';
  expect(traceOf(`SELECT 1 /*action='x',traceparent='00-${trace}-b7ad6b7169203331-01'*/`)).toBe(trace);
  expect(traceOf('SELECT 1')).toBeUndefined();
});

test('five of the same within 50 ms, or within one request, are named; what frames transactions is not', () => {
  const run = (at: number, normalised: string, request?: string) => ({ at, normalised, request });
  const every = (ms: number, count: number, normalised: string, request?: string) =>
    Array.from({ length: count }, (_, n) => run(n * ms, normalised, request));
  expect(repeated(every(12, 5, 'SELECT a'))).toEqual([{ normalised: 'SELECT a', times: 5 }]);
  expect(repeated(every(13, 20, 'SELECT a'))).toEqual([]);
  expect(repeated(every(13, 6, 'SELECT a', 'one'))).toEqual([{ normalised: 'SELECT a', times: 6 }]);
  expect(repeated([...every(13, 3, 'SELECT a', 'one'), ...every(13, 3, 'SELECT a', 'other')])).toEqual([]);
  expect(repeated([...every(1, 9, 'BEGIN'), ...every(1, 9, 'SET x = ?')])).toEqual([]);
  expect(repeated([...every(5, 5, 'SELECT a'), ...every(5, 7, 'SELECT b')]).map(({ times }) => times)).toEqual([7, 5]);
});
