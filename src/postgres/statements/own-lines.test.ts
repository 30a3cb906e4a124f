import { expect, test } from '@playwright/test';
import { ownLines } from './own-lines.ts';

const line = (rest: string, database = '', application = '') =>
  `2026-11-30 06:00:00.100 UTC [7] ${database} 00000 ${application}\t${rest}\n`;

test('of its log people see what a server says of itself, and nothing that sessions ran', () => {
  const own = [
    'postgres: could not load a library\n',
    line('LOG:  server process (PID 7) was terminated by signal 9: Killed'),
    line("DETAIL:  Failed process was running: UPDATE users\n\tSET password = '***'"),
    line('FATAL:  terminating connection', 'stk_1', 'shop'),
  ];
  const log = [
    own[0],
    line("LOG:  statement: SELECT\n\t'hunter2'", 'stk_1', 'shop'),
    line("DETAIL:  Parameters: $1 = 'hunter2'", 'stk_1', 'shop'),
    own[1],
    line("DETAIL:  Failed process was running: UPDATE users\n\tSET password = 'hunter\n\t2'"),
    own[3],
  ].join('');
  expect(`${ownLines(log, 'beginning').join('\n')}\n`).toBe(own.join(''));
  const end = log.slice(log.indexOf("\t'hunter2'") - 5);
  expect(`${ownLines(end, 'end').join('\n')}\n`).toBe(own.slice(1).join(''));
});
