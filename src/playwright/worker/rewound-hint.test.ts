// The hint about the rows that an earlier test made.
import { expect, test } from '@playwright/test';
import { rewoundHint } from './rewound-hint.ts';

test('the hint names the earlier test and its file, and what keeps its rows', () => {
  const title = 'makes notes';
  const test = { id: '1', title, titlePath: [title], file: 'a.spec.ts', project: '', retry: 0 };
  const earlier = { test, rows: 3, scope: 'test' as const };
  expect(rewoundHint(earlier, 'group')).toBe(
    "3 rows made by 'makes notes' (a.spec.ts) were rewound; `describe.serial` or `isolation: 'file'` keeps them",
  );
  expect(rewoundHint({ ...earlier, rows: 1 }, 'file')).toBe(
    "1 row made by 'makes notes' (a.spec.ts) was rewound; `isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  );
  expect(rewoundHint({ ...earlier, scope: 'group' }, 'file')).toBe(
    "3 rows made by the tests and hooks up to 'makes notes' (a.spec.ts) were rewound; `isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  );
  expect(rewoundHint(earlier, 'worker')).toContain('it ran in another worker: `describe.serial` keeps both in one');
});
