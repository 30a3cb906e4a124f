import { expect, test } from '@playwright/test';
import { detailsOf } from './details.ts';
import type { Failure } from './failure.ts';
import { failureMarkdown } from './failure-markdown.ts';
import { rowsText } from './rows-text.ts';
import { stackText } from './stack-text.ts';
import { countsText, statementsText } from './statements-text.ts';
import { FAILURE } from './testing/example.ts';

test('rows are a table, of an updated one only what differs; how many more there are is said', () => {
  expect(rowsText({ ...FAILURE.rows, count: 250 })).toBe(`250 rows changed
public.notes  delete  id 1            title "gone"
public.notes  insert  id 7            title "new", body "${'x'.repeat(59)}…
audit: log    update  id 2, part "a"  seen false → true, by NULL → "anna"
… and 247 more
`);
});

test('where statements are not logged, those that took longest are named', () => {
  const longest = [{ sql: 'SELECT *\n FROM notes WHERE id = $1', times: 12, ms: 3.456, rows: 1 }];
  const counts = { count: 14, distinct: 2, ms: 5.2, rows: 240, longest };
  const text =
    '14 statements (2 distinct) in 5.2 ms, 240 rows\n12 × SELECT * FROM notes WHERE id = $1  3.5 ms, 1 row\n';
  expect(countsText(counts)).toBe(text);
  expect(failureMarkdown({ ...FAILURE, statements: undefined, counts }, [])).toContain(text);
  expect(failureMarkdown({ ...FAILURE, counts }, [])).not.toContain(text);
});

test('statements that failed or waited come first, then those that are run again and again, then all', () => {
  expect(
    statementsText(FAILURE.statements as NonNullable<Failure['statements']>),
  ).toBe(`9 statements (4 distinct) in 1234 ms

failed, or waited for a lock:
+20 ms  failed  INSERT INTO notes (title) VALUES ($1)
    $1 = 'new'
    ERROR 23505: duplicate key
    shop, session 7
+40 ms  has not ended  UPDATE notes SET title = 'x'
    waited for a lock, 1000 ms or more
    session 8 request 0af7651916cd43dd8448eb211c80319c

the same again and again (N+1):
6 × SELECT * FROM tags WHERE note = ?

in their order (6 between the first and the last are left out):
+10 ms  0.12 ms  BEGIN
    shop, session 7
+20 ms  failed  INSERT INTO notes (title) VALUES ($1)
    $1 = 'new'
    ERROR 23505: duplicate key
    shop, session 7
+40 ms  has not ended  UPDATE notes SET title = 'x'
    waited for a lock, 1000 ms or more
    session 8 request 0af7651916cd43dd8448eb211c80319c
`);
});

test('a line each: the last error of a server and whether it ended, the statement that failed, one that waited, an N+1', () => {
  expect(detailsOf(FAILURE).map(({ about, text }) => `${about}: ${text}`)).toEqual([
    'server "web": error: duplicate key value violates unique constraint "notes_title_key"',
    'server "jobs" ended: it printed no error',
    'SQL: INSERT INTO notes (title) VALUES ($1): 23505: duplicate key',
    "waited for a lock: 1000 ms or more: UPDATE notes SET title = 'x'",
    'N+1: 6 × SELECT * FROM tags WHERE note = ?',
  ]);
  const servers = [{ name: 'web', is: 'ended', restarts: 0 }] as const;
  expect(detailsOf({ ...FAILURE, statements: undefined, stack: { ...FAILURE.stack, servers } })).toEqual([
    { about: 'server "web" ended', text: 'error: duplicate key value violates unique constraint "notes_title_key"' },
  ]);
});

test('the stack is its servers, and who waits for whom', () => {
  expect(stackText(FAILURE.stack)).toBe(`slot 2 (admin)
  server "web": running
  server "jobs": ended, started again 2 times
  connections: 3
  session 8: active, transaction open for 1034 ms, waits for session 7: UPDATE notes SET title = 'x'
  session 7 (shop): idle in transaction, transaction open for 2000 ms: BEGIN
`);
});

test('for programs it is 8 kB at most, whatever was printed, and no fence is closed too early', () => {
  const text = failureMarkdown(FAILURE, ['npx playwright test a.spec.ts:7']);
  expect(text.match(/^## .*$/gm)).toEqual([
    '## Reproduce',
    '## Requests that failed',
    '## SQL that failed, or waited for a lock',
    '## SQL that was run again and again (N+1)',
    '## Server log: web (the end)',
    '## Rows that the test changed',
    '## Written late by an earlier test',
    '## The stack',
  ]);
  const long = 'Ω`````\n'.repeat(20_000);
  const most = failureMarkdown({ ...FAILURE, logs: [{ server: 'web', text: long }] }, [long]);
  expect(Buffer.byteLength(most)).toBeLessThanOrEqual(8_000);
  expect(failureMarkdown({ ...FAILURE, logs: [{ server: 'web', text: '````\n# x\n' }] }, [])).toContain(
    '`````\n````\n# x\n`````\n',
  );
});
