import { expect, test } from '@playwright/test';
import { testFaults } from './test-faults.ts';

test('errors of an attempt: without colours and secrets, with their place, and not without end', () => {
  const location = { file: '/repo/e2e/deep/a.spec.ts', line: 12, column: 3 };
  const error = {
    message: '\x1b[31mno\x1b[39m postgres://me:hush@localhost/db',
    snippet: '> 12 | await add()',
    location,
  };
  const many = [error, ...Array.from({ length: 1_000 }, () => ({ value: 'x'.repeat(100_000) }))];
  const [first, second, ...rest] = testFaults({ errors: many }, '/repo/e2e', 'whole');
  expect(first).toEqual({
    message: 'no postgres://me:***@localhost/db\n\n> 12 | await add()',
    at: 'deep/a.spec.ts:12',
  });
  expect(second?.message.length).toBeLessThan(4_100);
  expect(rest).toHaveLength(3);
  expect(testFaults({ errors: many.slice(1) }, '/repo', 'brief').map(({ message }) => message.length < 500)).toEqual([
    true,
  ]);
});
