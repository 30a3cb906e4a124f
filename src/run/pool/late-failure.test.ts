// Which failed statement a server ended of, by what it printed and by what the embedded server has logged.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { failureOn, LateFailures, loggedErrors } from './late-failure.ts';

const ERROR = 'insert or update on table "audit" violates foreign key constraint "audit_note_fkey"';
const DETAIL = 'Key (note)=(3) is not present in table "note".';
const STATEMENT = 'INSERT INTO audit\n\t  VALUES ($1)';

const at = '2026-11-30 06:24:04.123 UTC';
const LOG = [
  `${at} [7] stk_a_0 00000 \tLOG:  nothing`,
  `${at} [8] stk_a_0 23503 app\tERROR:  ${ERROR}`,
  `${at} [9] stk_a_1 42601 app\tERROR:  of another slot`,
  `${at} [8] stk_a_0 23503 app\tDETAIL:  ${DETAIL}`,
  `${at} [8] stk_a_0 23503 app\tSTATEMENT:  ${STATEMENT}`,
  `${at} [9] stk_a_1 42601 app\tSTATEMENT:  SELECT 1`,
  '',
].join('\n');

const NODE = ['node:internal/process/promises', `error: ${ERROR}`, '  at x', `  detail: '${DETAIL}',`, '}'];

test('the errors of a database are read from the log, with their details and statements', () => {
  expect(loggedErrors(LOG, ['stk_a_0'])).toMatchObject([
    { text: `${ERROR}\n${DETAIL}`, statement: 'INSERT INTO audit VALUES ($1)' },
  ]);
});

test('what an application prints counts where it names a table of which rows were undone', () => {
  expect(failureOn(NODE.join('\n'), ['public.note'])).toEqual({
    error: `error: ${ERROR}`,
    table: 'note',
  });
  expect(failureOn(JSON.stringify({ detail: DETAIL }), ['app."note"'])?.table).toBe('note');
  expect(failureOn(NODE.join('\n'), ['public.audit', 'public.notes'])).toBeUndefined();
  expect(failureOn('exit', ['public.note'])).toBeUndefined();
});

test('a failure is put down to the last rewind that undid rows, with the statement where the log has it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stk-late-'));
  const log = join(folder, 'postgres.log');
  const creates = { id: '1', title: 'creates', titlePath: ['creates'], file: 'a.spec.ts', project: '', retry: 0 };
  const origin = { test: creates, scope: 'test' } as const;
  const embedded = new LateFailures(log, ['stk_a_0']);
  appendFileSync(log, LOG);
  embedded.testEnded();
  embedded.rewound(origin, [
    { table: 'public.note', deleted: 1 },
    { table: 'public.user', deleted: 0 },
  ]);
  embedded.rewound({ test: undefined, scope: 'group' }, [{ table: 'public.note', deleted: 0 }]);
  expect(await embedded.find(['told to exit'])).toBeUndefined();
  const printed = { origins: [origin], ms: expect.any(Number), error: `error: ${ERROR}`, statement: undefined };
  expect(await embedded.find(NODE)).toEqual(printed);
  appendFileSync(log, LOG);
  const logged = { error: ERROR, statement: 'INSERT INTO audit VALUES ($1)' };
  expect(await embedded.find(['told to exit'])).toMatchObject({ origins: [origin], ...logged });
  const other = { test: { ...creates, title: 'edits' }, scope: 'test' } as const;
  embedded.rewound(other, [{ table: 'public.note', deleted: 1 }]);
  embedded.rewound(other, [{ table: 'public.user', deleted: 1 }]);
  expect(await embedded.find(NODE)).toMatchObject({ origins: [other, origin] });

  embedded.testEnded(); // and much is logged, the failure where the end of it begins
  embedded.rewound(origin, [{ table: 'public.note', deleted: 1 }]);
  const rest = `${at} [7] stk_a_0 00000 \tLOG:  `;
  appendFileSync(
    log,
    `${'x'.repeat(100_000)}\n${LOG.slice(LOG.indexOf(`${at} [8]`))}${rest}`.padEnd(100_001 + 65_536, 'y'),
  );
  expect(await embedded.find(['told to exit'])).toMatchObject(logged);

  const existing = new LateFailures(undefined, ['stk_a_0']);
  expect(await existing.find(NODE)).toBeUndefined();
  existing.testEnded();
  existing.rewound(origin, [{ table: 'public.note', deleted: 1 }]);
  expect(await existing.find(NODE)).toEqual(printed);
  rmSync(folder, { recursive: true });
});
