// Which earlier test a failed one is told of.
import { expect, test } from '@playwright/test';
import { RewoundTests } from './rewound-tests.ts';

test('the last other test of the file, else of the files before; never an attempt of its own, nor of another project', () => {
  const tests = new RewoundTests();
  const made = (title: string, file: string) => ({ title, file, rows: 1 });
  expect(tests.before('', made('a', '1'))).toBeUndefined();
  for (const title of ['a', 'b', 'c']) tests.note('', made(title, '1'));
  tests.note('', made('d', '2'));
  expect(tests.before('', made('x', '1'))?.title).toBe('c');
  expect(tests.before('', made('c', '1'))?.title).toBe('b');
  expect(tests.before('', made('d', '2'))?.title).toBe('c');
  expect(tests.before('', made('x', '3'))?.title).toBe('d');
  expect(tests.before('other', made('x', '1'))).toBeUndefined();
  tests.note('', made('b', '1'));
  expect(tests.before('', made('x', '1'))?.title).toBe('b');
});
