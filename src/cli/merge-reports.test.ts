import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { EMPTY_MODEL } from '../board/board-model.ts';
import { readData } from '../board/report/report-data.ts';
import { writeRuns } from '../board/report/write-report.ts';
import { mergeReportsCommand } from './merge-reports.ts';

const files = { script: '', style: '' };

test('merge-reports says what it could not read, and fails where that is all', async () => {
  const { folder, remove } = scratchFolder();
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text) => written.push(String(text)) > 0;
  const file = join(folder, 'merged.html');
  const none = await mergeReportsCommand([join(folder, 'nowhere'), '-o', file], files);
  const isThere = existsSync(file);
  writeRuns({ runs: [EMPTY_MODEL], missing: [] }, join(folder, 'one', 'index.html'), files);
  const some = await mergeReportsCommand([join(folder, 'one'), join(folder, 'nowhere'), '--output-file', file], files);
  process.stderr.write = write;
  expect([none, isThere, some]).toEqual([1, false, 0]);
  expect(written.join('')).toContain(`could not read ${join(folder, 'nowhere')}: ENOENT`);
  expect(readData(readFileSync(file, 'utf8'))).toMatchObject({
    runs: [{}],
    missing: [expect.stringContaining('nowhere')],
  });
  await expect(mergeReportsCommand([], files)).rejects.toThrow(
    'merge-reports takes reports, or folders that have them',
  );
  remove();
});
