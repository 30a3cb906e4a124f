// SECURITY.md: each line of its tables names a test that is there.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { root } from './harness/home.ts';

test('each line of SECURITY.md names a test that is there', () => {
  const page = readFileSync(path.join(root, 'SECURITY.md'), 'utf8');
  const lines = page.split('\n').filter((line) => /^\|(?! *(?:what|-))/.test(line));
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const [, file = '', title = ''] = /`([^`]+\.ts)`: (.+?) +\|$/.exec(line) ?? [];
    expect(file, line).not.toBe('');
    expect(readFileSync(path.join(root, file), 'utf8'), line).toContain(title);
  }
});
