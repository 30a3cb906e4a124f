// Rows as they can be compared with those of another run.
import { expect, test } from '@playwright/test';
import { markedRows } from './marks.ts';

const insert = (after: Readonly<Record<string, unknown>>) => ({
  ...{ table: 'public.note', op: 'insert', before: undefined, after },
});

test('no value is in the marks, and equal values have equal ones within an audit', () => {
  const rows = [insert({ id: 7, text: 'secret' }), insert({ id: 8, text: 'secret' })];
  const marked = markedRows(rows, 'salt');
  expect(marked.rows).toEqual({ 'public.note insert': 2 });
  expect(JSON.stringify(marked)).not.toContain('secret');
  const [one, other] = marked.columns['public.note insert text'] ?? [];
  expect(one).toBe(other);
  expect(markedRows([...rows].reverse(), 'salt')).toEqual(marked);
  expect(markedRows(rows, 'another')).not.toEqual(marked);
});

test('times and uuids are the same in every run, also within texts; other values are not', () => {
  const at = (time: string, uuid: string, text: string) =>
    markedRows([insert({ at: time, key: uuid, data: { at: time, by: uuid }, ms: 1_796_000_000_000, text })], 'salt');
  const uuids = ['0b8f3c1e-6a52-4c0e-9d55-2f1a7c3b9e10', '5d1c2b3a-1111-4222-8333-444455556666'] as const;
  const one = at('2026-11-30T13:00:00.123456+00:00', uuids[0], 'a');
  expect(at('2026-12-01 09:30:15.5', uuids[1], 'a')).toEqual(one);
  expect(at('2026-12-01 09:30:15.5', uuids[1], 'b')).not.toEqual(one);
});

test('of a deleted row what it was counts, of an updated one what it became', () => {
  const update = { table: 't', op: 'update', before: { a: 1 }, after: { a: 2 } };
  const gone = { table: 't', op: 'delete', before: { a: 2 }, after: undefined };
  const { columns } = markedRows([update, gone], 'salt');
  expect(columns['t update a']).toEqual(columns['t delete a']);
  expect(markedRows([{ ...update, database: 'audit' }], 'salt').rows).toEqual({ 'audit:t update': 1 });
});
