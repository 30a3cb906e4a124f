import { expect, test } from '@playwright/test';
import { readStatements } from './read-statements.ts';

const line = (second: string, pid: number, rest: string, database = 'stk_1', application = 'shop') =>
  `2026-11-30 06:00:${second} UTC [${pid}] ${database} 00000 ${application}\t${rest}\n`;

test('a log is the statements of its databases, each with what became of it', () => {
  const log = [
    'a cut line\n',
    line('00.100', 7, 'LOG:  duration: 0.1 ms'), // parse
    line('00.101', 7, 'LOG:  execute <unnamed>: SELECT *\n\t  FROM t WHERE a = $1 AND b = $2'),
    line('00.101', 7, "DETAIL:  Parameters: $1 = 'it''s', $2 = NULL"),
    line('00.102', 8, 'LOG:  statement: SELECT 1', 'stk_2'),
    line('00.103', 9, 'LOG:  statement: BEGIN', 'stk_1', 'playwright-stacks worker: test'),
    line('00.105', 7, 'LOG:  duration: 3.5 ms'),
    line('00.200', 7, 'LOG:  statement: UPDATE t SET a = 1'),
    line('01.200', 7, 'LOG:  process 7 still waiting for ShareLock on transaction 745 after 1000.07 ms'),
    line('01.200', 7, 'DETAIL:  Process holding the lock: 9. Wait queue: 7.'),
    line('01.200', 7, 'STATEMENT:  UPDATE t SET a = 1'),
    line('01.300', 6, 'LOG:  execute S_1: SELECT 2'),
    '2026-11-30 06:00:02.000 UTC [6] stk_1 23505 shop\tERROR:  duplicate key value\n',
    line('02.000', 6, 'DETAIL:  Key (id)=(1) already exists.'),
    line('02.000', 6, 'STATEMENT:  SELECT 2'),
    '2026-11-30 06:00:02.001 UTC [6] stk_1 42601 shop\tERROR:  syntax error at or near "SELEC" at character 1\n',
    line('02.001', 6, 'STATEMENT:  SELEC 1'),
    '2026-11-30 06:00:02.002 UTC [1]  00000 \tLOG:  checkpoint starting: time\n',
  ].join('');
  const of = { database: 'stk_1', application: 'shop' };
  expect(readStatements(log, ['stk_1'])).toEqual([
    {
      ...{ ...of, at: Date.UTC(2026, 10, 30, 6, 0, 0, 101), pid: 7, sql: 'SELECT *\n  FROM t WHERE a = $1 AND b = $2' },
      ...{ parameters: ["it's", null], ms: 3.5, error: undefined, waited: undefined },
    },
    {
      ...{ ...of, at: Date.UTC(2026, 10, 30, 6, 0, 0, 200), pid: 7, sql: 'UPDATE t SET a = 1' },
      ...{ parameters: [], ms: undefined, error: undefined, waited: 1000.07 },
    },
    {
      ...{ ...of, at: Date.UTC(2026, 10, 30, 6, 0, 1, 300), pid: 6, sql: 'SELECT 2', parameters: [], ms: undefined },
      error: { code: '23505', message: 'duplicate key value', detail: 'Key (id)=(1) already exists.' },
      waited: undefined,
    },
    {
      ...{ ...of, at: Date.UTC(2026, 10, 30, 6, 0, 2, 1), pid: 6, sql: 'SELEC 1', parameters: [], ms: undefined },
      error: { code: '42601', message: 'syntax error at or near "SELEC" at character 1', detail: undefined },
      waited: undefined,
    },
  ]);
});

test('a wait for a table’s lock is said with the place of the table in the statement', () => {
  const waiting = (ms: string, what: string) =>
    `LOG:  process 7 ${what} RowExclusiveLock on relation 16384 of database 5 after ${ms} ms at character 8`;
  const log = [
    line('00.100', 7, 'LOG:  statement: UPDATE t SET a = 1'),
    line('01.100', 7, waiting('1000.385', 'still waiting for')),
    line('01.700', 7, waiting('1546.304', 'acquired')),
    line('01.701', 7, 'LOG:  duration: 1576.021 ms'),
  ].join('');
  expect(readStatements(log, ['stk_1'])).toMatchObject([{ ms: 1576.021, waited: 1546.304 }]);
});

test('a prepared statement may have colons in its name, and a parameter may have 16 MB', () => {
  const log = [
    line('00.100', 7, 'LOG:  execute a:b: SELECT $1, $2'),
    line('00.100', 7, `DETAIL:  Parameters: $1 = '${"''".padStart(64, 'a').repeat(2 ** 18)}', $2 = NULL`),
  ].join('');
  const [statement] = readStatements(log, ['stk_1']);
  expect(statement?.sql).toBe('SELECT $1, $2');
  expect(statement?.parameters.map((each) => each?.length)).toEqual([63 * 2 ** 18, undefined]);
});

test('a line whose time is none is no record', () => {
  const log = line('00.100', 7, 'LOG:  statement: SELECT 1');
  expect(readStatements(log.replace('-11-', '-13-') + log, ['stk_1'])).toMatchObject([
    { at: Date.UTC(2026, 10, 30, 6, 0, 0, 100) },
  ]);
});
