import { expect, test } from '@playwright/test';
import { tokensOf } from './sql-tokens.ts';

const ofKind = (kind: string, sql: string) => tokensOf(sql).flatMap((each) => (each.kind === kind ? [each.text] : []));

for (const [sql, values] of [
  ["SELECT 'it''s', E'\\'', E'''\\\\', U&'x', $$a'b$$, $t$ $$ $t$, 1.5e3", 7],
  ["/* /* */ ' */ SELECT 'a' -- '\n, 'b'", 2],
  ["SELECT 'a'\n  'b', E'a'\n'\\'c', 'd'", 3],
  ["SELECT a=/* ' */'b', a=--'\n'c'", 2],
  ["SELECT 'cut", 1],
  ["SELECT E'cut\\", 1],
  ['SELECT $1::text, $$cut', 1],
  ["/* cut /* */ 'a'", 0],
  ["SELECT 'a\\'' FROM b WHERE c = 'd'", 1],
] as const) {
  test(`there are ${values} literals in ${JSON.stringify(sql)}`, () => {
    expect(ofKind('value', sql)).toHaveLength(values);
  });
}

test('a quoted name is no keyword; one with escapes stays as it is written', () => {
  expect(ofKind('word', 'SELECT größe FROM a')).toEqual(['SELECT', 'größe', 'FROM', 'a']);
  const names = ['a "b"', 'where', 'U&"d\\0061ta"', 'c'];
  expect(ofKind('name', 'SELECT "a ""b""", "where", U&"d\\0061ta" FROM "c')).toEqual(names);
});

const HUGE = 2 ** 24;

for (const [title, open, content, close] of [
  ['literal', "'", "''", "'"],
  ['literal with escapes', "E'", "\\'", "'"],
  ['literal in dollars', '$$', "''", '$$'],
  ['quoted name', '"', '""', '"'],
  ['comment', '/*', "''", '*/'],
  ['name', 'x', 'a', ''],
  ['number', '1', '0', ''],
] as const) {
  test(`a ${title} of 16 MB is one token`, () => {
    expect(tokensOf(`${open}${content.padStart(64, 'a').repeat(HUGE / 64)}${close}`)).toHaveLength(1);
  });
}
