import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { readOwnFile } from './read-file.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync('/tmp/stk-test-');
});
test.afterEach(() => rmSync(folder, { recursive: true }));

test('a plain file of ours is read; a link, a pipe, a folder and nothing are not, at once', () => {
  const [file, link, pipe] = ['file', 'link', 'pipe'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(file, 'ours');
  symlinkSync(file, link);
  spawnSync('mkfifo', [pipe]);
  expect(readOwnFile(file)).toBe('ours');
  for (const path of [link, pipe, folder, join(folder, 'nothing'), join(file, 'below')]) {
    expect(readOwnFile(path)).toBeUndefined();
  }
});

test('a file of another user is not read', () => {
  test.skip(process.getuid?.() !== 0, 'giving it to another user takes root');
  const file = join(folder, 'file');
  writeFileSync(file, 'theirs');
  chownSync(file, 1, 1);
  expect(readOwnFile(file)).toBeUndefined();
  expect(readOwnFile(file, [1])).toBe('theirs');
});
