import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { openOutput } from '../server/server-output.ts';
import { keepTail } from './output.ts';

test('lines that arrive in pieces, on two streams, are kept whole and without colours', () => {
  const tail = keepTail();
  tail.push('stdout', 'one\r\n\x1b[31mtw');
  tail.push('stderr', 'warning\n');
  tail.push('stdout', 'o\x1b[39m\nthree');
  expect(tail.lines()).toEqual(['one', 'warning', 'two', 'three']);
});

test('a log file that cannot be written costs the log only', async () => {
  const { folder, remove } = scratchFolder();
  mkdirSync(join(folder, 'log'));
  const output = openOutput({ logFile: join(folder, 'log'), label: 'web 0', stdout: 'ignore', stderr: 'ignore' });
  output.push('stdout', 'still here\n');
  await output.close();
  expect(output.tail()).toEqual(['still here']);
  remove();
});

test('all that was printed is in the log when it is closed', async () => {
  const { folder, remove } = scratchFolder();
  const logFile = join(folder, 'a', 'b.log');
  const output = openOutput({ logFile, label: 'web 0', stdout: 'ignore', stderr: 'ignore' });
  const line = `${'x'.repeat(1_000)}\n`;
  for (let index = 0; index < 1_000; index++) output.push('stdout', line);
  await output.close();
  expect(readFileSync(logFile, 'utf8')).toHaveLength(1_001_000);
  remove();
});
