import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { openLog } from './log-file.ts';
import { isWhole, logPosition, readSince, textSince } from './log-slice.ts';

let folder: string;
let file: string;
test.beforeEach(() => {
  folder = mkdtempSync('/tmp/stk-test-');
  file = join(folder, 'web.log');
});
test.afterEach(() => rmSync(folder, { recursive: true }));

test('a part of a log is what was written since a moment, also where the log was begun anew meanwhile', () => {
  const log = openLog(file, 30);
  log.write('before, and it is kept long\n'); // 28 bytes
  const since = logPosition(file);
  expect(readSince(since, 100)).toEqual({ head: '', skipped: 0, tail: '' });
  log.write('first é\n');
  expect(readSince(since, 100).head).toBe('first é\n');
  log.write('second\n'); // in a new file
  expect(readSince(since, 100).head).toBe('first é\nsecond\n');
  log.write('third, so that it is full again\n');
  log.write('fourth\n'); // of the first file nothing is left
  expect(readSince(since, 100).head).toBe('second\nthird, so that it is full again\nfourth\n');
  log.close();
});

test('of much it is the beginning and the end, across both files, and how much is between', () => {
  const since = logPosition(file);
  const log = openLog(file, 20);
  for (const text of ['0123456789', 'abcdefghij', 'ABCDEFGHIJ']) log.write(text);
  log.close();
  expect(readSince(since, 8)).toEqual({ head: '01234567', skipped: 14, tail: 'CDEFGHIJ' });
  expect(textSince(since, 8)).toBe('01234567\n\nCDEFGHIJ');
  expect(textSince(since, 100)).toBe('0123456789abcdefghijABCDEFGHIJ');
  expect(readSince(since, 12)).toEqual({ head: '0123456789ab', skipped: 6, tail: 'ijABCDEFGHIJ' });
});

test('a log that is none has nothing in it', () => {
  expect(readSince(logPosition(file), 100)).toEqual({ head: '', skipped: 0, tail: '' });
  const since = logPosition(folder);
  expect(readSince(since, 100).head).toBe('');
  writeFileSync(file, 'made later');
  expect(readSince({ file, inode: 0, offset: 0, before: '' }, 100).head).toBe('made later');
});

test('a log that was emptied and has grown again is read from its beginning, and is known not to be whole', () => {
  writeFileSync(file, 'before\n');
  const since = logPosition(file);
  expect(isWhole(since)).toBe(true);
  truncateSync(file);
  expect([isWhole(since), readSince(since, 100).head]).toEqual([false, '']);
  writeFileSync(file, 'another and much longer\n');
  expect([isWhole(since), readSince(since, 100).head]).toEqual([false, 'another and much longer\n']);
  expect(isWhole(logPosition(join(folder, 'none')))).toBe(true);
});
