// The hint about the rows that an earlier test made.
import { expect, test } from '@playwright/test';
import { rewoundHint } from './rewound-hint.ts';

const alone = { errors: [], hasServers: false };

test('the hint names the earlier test and its file, and what keeps its rows', () => {
  const title = 'makes notes';
  const test = { id: '1', title, titlePath: [title], file: 'a.spec.ts', project: '', retry: 0 };
  const earlier = { test, rows: 3, scope: 'test' as const };
  expect(rewoundHint(earlier, 'group', alone)).toBe(
    "3 rows made by 'makes notes' (a.spec.ts) were rewound; `describe.serial` or `isolation: 'file'` keeps them",
  );
  expect(rewoundHint({ ...earlier, rows: 1 }, 'file', alone)).toBe(
    "1 row made by 'makes notes' (a.spec.ts) was rewound; `isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  );
  expect(rewoundHint({ ...earlier, scope: 'group' }, 'file', alone)).toBe(
    "3 rows made by the tests and hooks up to 'makes notes' (a.spec.ts) were rewound; `isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  );
  expect(rewoundHint(earlier, 'worker', alone)).toContain(
    'it ran in another worker: `describe.serial` keeps both in one',
  );
});

test('where an application runs it may remember them, which comes first where the error looks like it', () => {
  const test = { id: '1', title: 'makes notes', titlePath: ['makes notes'], file: 'a.spec.ts', project: '', retry: 0 };
  const hint = (error: string) =>
    rewoundHint({ test, rows: 1, scope: 'test' }, 'group', { errors: [error], hasServers: true });
  const rewound = "1 row made by 'makes notes' (a.spec.ts) was rewound";
  const keeps = "`describe.serial` or `isolation: 'file'` keeps them";
  const remembers =
    "does the application still remember them (a cache, a session, the highest id that it has seen)? `server.reset`, `server.restart: 'test'` or `database.sequences: 'keep'` helps";
  expect(hint('Expected: 1\nReceived: 0')).toBe(`${rewound}; ${keeps}. Or ${remembers}`);
  for (const error of [
    'Expected: 200\nReceived: 403',
    'Error: 404 Not Found',
    'insert or update on table "a" violates foreign key constraint "b"',
    'duplicate key value violates unique constraint "a_pkey"',
  ]) {
    expect(hint(error)).toBe(`${rewound}; ${remembers}. If the test itself needs them: ${keeps}`);
  }
});
