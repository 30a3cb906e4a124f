import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { logPosition } from '../log-slice.ts';
import { allStatements, testStatements } from './test-statements.ts';

const line = (rest: string, code = '00000') => `2026-11-30 06:00:00.100 UTC [7] stk_1 ${code} shop\t${rest}\n`;

/** Of a statement, as the log has it. */
function failed(sql: string, parameters: string, message: string, detail: string): string {
  return [
    line(`LOG:  execute <unnamed>: ${sql}`),
    line(`DETAIL:  Parameters: ${parameters}`),
    line(`ERROR:  ${message}`, '23505'),
    line(`DETAIL:  ${detail}`),
    line(`STATEMENT:  ${sql}`),
  ].join('');
}

const DUPLICATE = 'duplicate key value violates unique constraint "u_key"';
const LOG = [
  failed(
    "INSERT INTO u (email, name) VALUES ($1, 'anna')",
    "$1 = 'a@b.c'",
    DUPLICATE,
    'Key (email)=(a@b.c) already exists.',
  ),
  failed(
    'INSERT INTO u (id, token) VALUES ($1, $2)',
    "$1 = '1', $2 = 'hunter2'",
    'invalid input syntax for type uuid: "hunter2"',
    '',
  ),
  failed(
    'INSERT INTO v (value) VALUES ($1)',
    "$1 = 'hunter2'",
    DUPLICATE,
    'Key (lower(token))=(hunter2) already exists.',
  ),
].join('');

test('a statement that failed is shown without the values that may not be, in its text, its parameters and its error', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stk-statements-'));
  const log = logPosition(join(folder, 'postgres.log'));
  writeFileSync(log.file, LOG);
  const shown = (values: 'show' | 'hide') =>
    allStatements(log, ['stk_1'], values).map(({ sql, parameters, error }) => [sql, parameters, error]);
  expect(shown('show')).toEqual([
    [
      "INSERT INTO u (email, name) VALUES ($1, 'anna')",
      ['a@b.c'],
      `23505: ${DUPLICATE} Key (email)=(a@b.c) already exists.`,
    ],
    ['INSERT INTO u (id, token) VALUES ($1, $2)', ['1', '***'], '23505: invalid input syntax for type uuid: "***"'],
    ['INSERT INTO v (value) VALUES ($1)', ['hunter2'], `23505: ${DUPLICATE} Key (lower(token))=(***) already exists.`],
  ]);
  expect(shown('hide')).toEqual([
    [
      "INSERT INTO u (email, name) VALUES ($1, '***')",
      ['***'],
      `23505: ${DUPLICATE} Key (email)=(***) already exists.`,
    ],
    ['INSERT INTO u (id, token) VALUES ($1, $2)', ['***', '***'], '23505: invalid input syntax for type uuid: "***"'],
    ['INSERT INTO v (value) VALUES ($1)', ['***'], `23505: ${DUPLICATE} Key (lower(token))=(***) already exists.`],
  ]);
  writeFileSync(log.file, line("LOG:  statement: SELECT 'hunter2' /* 'hunter2' */ FROM u").repeat(5));
  const { count, repeated, shown: all } = testStatements(log, 0, ['stk_1'], 'hide');
  expect({ count, repeated }).toEqual({ count: 5, repeated: [{ sql: 'SELECT ? FROM u', times: 5 }] });
  expect(JSON.stringify(all)).not.toContain('hunter2');
  rmSync(folder, { recursive: true });
});
