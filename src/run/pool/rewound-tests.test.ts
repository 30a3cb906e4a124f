// Which earlier test the hint of a failed one names.
import { expect, test } from '@playwright/test';
import { RewoundTests } from './rewound-tests.ts';

test('the last other test of the file, else of the files before; never an attempt of its own, nor of another project', () => {
  const tests = new RewoundTests();
  const ref = (title: string, file: string) => {
    return { id: `${file} ${title}`, title, titlePath: [title], file, project: '', retry: 0 };
  };
  const made = (title: string, file: string) => ({ test: ref(title, file), rows: 1, scope: 'test' as const });
  expect(tests.before('', ref('a', '1'))).toBeUndefined();
  for (const title of ['a', 'b', 'c']) tests.note('', made(title, '1'));
  tests.note('', made('d', '2'));
  expect(tests.before('', ref('x', '1'))?.test.title).toBe('c');
  expect(tests.before('', ref('c', '1'))?.test.title).toBe('b');
  expect(tests.before('', ref('d', '2'))?.test.title).toBe('c');
  expect(tests.before('', ref('x', '3'))?.test.title).toBe('d');
  expect(tests.before('other', ref('x', '1'))).toBeUndefined();
  tests.note('', made('b', '1'));
  expect(tests.before('', ref('x', '1'))?.test.title).toBe('b');
  // Its own group's rows are gone, for its worker was replaced: no other test's are what it misses.
  tests.note('', { ...made('e', '1'), scope: 'group' });
  expect(tests.before('', ref('e', '1'))).toBeUndefined();
  expect(tests.before('', ref('x', '1'))?.test.title).toBe('e');
});
