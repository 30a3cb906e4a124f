// The hint about the rows that an earlier test made.
import { expect, test } from '@playwright/test';
import { missesRows, rewoundHint } from './rewound-hint.ts';

const alone = { errors: [], statuses: [], mayRemember: false };

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
    rewoundHint({ test, rows: 1, scope: 'test' }, 'group', { errors: [error], statuses: [], mayRemember: true });
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

/** As Playwright words them. */
const ERRORS: readonly (readonly [error: string, misses: boolean])[] = [
  [
    "Error: expect(locator).toHaveText(expected) failed\n\nCall log:\n  - waiting for getByTestId('total')\n    9 × locator resolved to <b>3</b>",
    false,
  ],
  [
    'Error: expect(received).toContain(expected) // indexOf\n\nExpected value: "made"\nReceived array: ["seeded"]',
    true,
  ],
  [
    'Error: expect(received).toHaveLength(expected)\n\nExpected length: 3\nReceived length: 2\nReceived array: [1, 2]',
    true,
  ],
  ['Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: 3\nReceived: 2', true],
  ['Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: 2\nReceived: 3', false],
  ['Error: expect(received).toBe(expected) // Object.is equality\n\nExpected: "a"\nReceived: undefined', true],
  ['Error: expect(received).toEqual(expected) // deep equality\n\n- Expected  - 3\n+ Received  + 0\n\n  Array [', true],
  [
    'Error: expect(received).toEqual(expected) // deep equality\n\n- Expected  - 1\n+ Received  + 1\n\n  Object {',
    false,
  ],
  [
    "Error: expect(locator).toBeVisible() failed\n\nLocator: getByText('milk')\nExpected: visible\nError: element(s) not found",
    true,
  ],
  ["TimeoutError: locator.click: Timeout 5000ms exceeded.\nCall log:\n  - waiting for locator('#milk')", true],
  ["TypeError: Cannot read properties of undefined (reading 'id')", true],
  ['Error: expect(db).toHaveChanged(expected)\n\n- Expected  - 3\n+ Received  + 0', false],
  ['Error: expect(db).toHaveQueried({ most: 1 })\n\nExpected: at most 1\nReceived: 0', false],
  ['Error: expect(page).toHaveTitle(expected) failed\n\nExpected: "A"\nReceived: "B"', false],
];

test('a hint is given where something is missing, and not for every failure', () => {
  const misses = ERRORS.map(([error]) => [
    error,
    missesRows({ errors: [error], statuses: [200, 500], mayRemember: true }),
  ]);
  expect(misses).toEqual(ERRORS);
  const of = (status: number) => missesRows({ errors: ['Error: no'], statuses: [200, status], mayRemember: true });
  expect([404, 403, 500, 201].map(of)).toEqual([true, true, false, false]);
});
