import { expect, test } from '@playwright/test';
import { shownError } from './shown-error.ts';

const KEPT = [
  'duplicate key value violates unique constraint "users_email_key"',
  'null value in column "email" of relation "users" violates not-null constraint',
  'deadlock detected',
];

const HIDDEN: readonly (readonly [message: string, shown: string])[] = [
  ['invalid input syntax for type uuid: "a"b" c', 'invalid input syntax for type uuid: "***" c'],
  [`unterminated quoted string at or near "'a`, 'unterminated quoted string at or near "***"'],
  ['invalid value for parameter "TimeZone": "a"', 'invalid value for parameter "TimeZone": "***"'],
  ['new row for relation "a" violates check "b\nc"', 'new row for relation "a" violates check "***"'],
];

test('where values are hidden a message has names, and nothing else that is quoted', () => {
  for (const message of KEPT)
    expect(shownError({ code: '23505', message, detail: undefined }, 'hide')).toBe(`23505: ${message}`);
  for (const [message, shown] of HIDDEN) {
    expect(shownError({ code: '22P02', message, detail: undefined }, 'hide')).toBe(`22P02: ${shown}`);
    expect(shownError({ code: '22P02', message, detail: undefined }, 'show')).toBe(`22P02: ${message}`);
  }
  const raised = { code: 'P0001', message: 'no such user: a', detail: undefined };
  expect(shownError(raised, 'hide')).toBe('P0001: ***');
  expect(shownError(raised, 'show')).toBe('P0001: no such user: a');
});

const detailOf = (detail: string, values: 'show' | 'hide') =>
  shownError({ code: '1', message: '', detail }, values).replace('1: ', '').trim();

for (const [detail, shown, hidden] of [
  ['Key (email)=(a\nb) already exists.', 'Key (email)=(a\nb) already exists.', 'Key (email)=(***) already exists.'],
  ...['Key (a, lower(token::text))=(1, x)', 'Key (reset_token)=(x)\ny)'].map((key) => {
    const columns = key.slice(0, key.indexOf('=('));
    const shown = `${columns}=(***) is not present in table "t".`;
    return [`${key} is not present in table "t".`, shown, shown] as const;
  }),
  [
    'Key (during)=([1,2)) conflicts with existing key (during)=([1,3)).',
    'Key (during)=([1,2)) conflicts with existing key (during)=([1,3)).',
    'Key (during)=(***) conflicts with an existing key.',
  ],
  [
    "Process 7 waits for ShareLock on transaction 745; blocked by process 8.\nProcess 7: UPDATE t SET a = 'x\ny'",
    'Process 7 waits for ShareLock on transaction 745; blocked by process 8.',
    'Process 7 waits for ShareLock on transaction 745; blocked by process 8.',
  ],
  ...['Failing row contains (1, x).', 'Token "x" is invalid.', 'whatever is raised'].map(
    (each) => [each, '', ''] as const,
  ),
] as const) {
  test(`of a detail that is what people see: ${JSON.stringify(detail)}`, () => {
    expect(detailOf(detail, 'show')).toBe(shown);
    expect(detailOf(detail, 'hide')).toBe(hidden);
  });
}
