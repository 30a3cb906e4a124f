import { expect, test } from '@playwright/test';
import { fitted, widthOf } from './columns.ts';

test('text is as wide as a terminal draws it', () => {
  expect(widthOf('abc')).toBe(3);
  expect(widthOf('\x1b[31mabc\x1b[39m')).toBe(3);
  expect(widthOf('日本語')).toBe(6);
  expect(widthOf('e\u0301')).toBe(1);
  expect(widthOf('👩‍👩‍👧')).toBe(2);
  expect(widthOf('\u200b')).toBe(0);
});

test('what does not fit ends in an ellipsis, within the width', () => {
  expect(fitted('abc', 3)).toBe('abc');
  expect(fitted('abcd', 3)).toBe('ab…');
  expect(fitted('日本語', 5)).toBe('日本…');
  expect(fitted('日本語', 4)).toBe('日…');
  expect(fitted('abc', 1)).toBe('…');
  expect(fitted('abc', 0)).toBe('');
});
