// What `status --watch` draws, in terminals of all sizes.
import { expect, test } from '@playwright/test';
import { frame } from './frame.ts';

test('a picture has fewer lines than the terminal, and none that wraps', () => {
  const text = `run 1\n  ${'x'.repeat(50)}\n  ${'日本'.repeat(10)}\n  a\tb\x07\n`;
  expect(frame(text, { columns: 80, rows: 24 })).toEqual([
    'run 1',
    `  ${'x'.repeat(50)}`,
    `  ${'日本'.repeat(10)}`,
    '  a b\\x07',
  ]);
  expect(frame(text, { columns: 20, rows: 4 })).toEqual(['run 1', `  ${'x'.repeat(17)}`, `  ${'日本'.repeat(4)}`]);
  expect(frame(text, { columns: 20, rows: 1 })).toEqual(['run 1']);
  expect(frame(text, { columns: 0, rows: 0 })).toHaveLength(4);
});
