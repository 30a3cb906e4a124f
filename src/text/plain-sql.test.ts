import { expect, test } from '@playwright/test';
import { insertsByPlace, secretValues } from './plain-sql.ts';
import { tokensOf } from './sql-tokens.ts';

// Whatever takes more than linear time does not end within the test's.
const MANY = 100_000;

test('a statement of a hundred thousand rows, names, conditions or parentheses is looked through once', () => {
  const values = (sql: string) => secretValues(tokensOf(sql))?.length;
  expect(values(`INSERT INTO u (id, token) VALUES (1, 2)${", (1, 'a')".repeat(MANY)}`)).toBe(MANY + 1);
  expect(values(`INSERT INTO u (${'a, '.repeat(MANY)}token) VALUES (${'1, '.repeat(MANY)}2)`)).toBe(1);
  expect(values(`DELETE FROM u WHERE id = 1${" AND token = 'a'".repeat(MANY)}`)).toBe(2 * MANY);
  expect(values(`DELETE FROM u WHERE ${'('.repeat(MANY)}token = 1${')'.repeat(MANY)}`)).toBe(2);
  expect(values(`DELETE FROM u WHERE u${'.token'.repeat(MANY)} = 1`)).toBe(2);
  expect(insertsByPlace(tokensOf('INSERT INTO u (a) SELECT '.repeat(MANY)))).toBe(false);
  expect(insertsByPlace(tokensOf('INSERT ('.repeat(MANY)))).toBe(true);
});
