import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { openLog } from '../log-file.ts';
import { openOutput } from '../server/server-output.ts';
import { watchOutput } from '../server/wait-output.ts';
import { keepTail, readLines, shownLine } from './output.ts';

test('lines that arrive in pieces, on two streams, are kept whole and without colours', () => {
  const tail = keepTail();
  tail.push('stdout', 'one\r\n\x1b[31mtw');
  tail.push('stderr', 'warning\n');
  tail.push('stdout', 'o\x1b[39m\nthree');
  expect(tail.lines()).toEqual(['one', 'warning', 'two', 'three']);
});

test('of what ends no line its beginning and its end are kept, however much it is', () => {
  const tail = keepTail();
  tail.push('stdout', 'begin ');
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 500; index++) tail.push('stdout', '\0'.repeat(65_536));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 2 ** 20);
  tail.push('stdout', ' Error: it ended');
  const [line = '', ...others] = tail.lines();
  expect(others).toEqual([]);
  expect(line).toMatch(/^begin \\x00.* … \(327\d{5} characters\) … .*\\x00 Error: it ended$/);
  expect(line.length).toBeLessThan(10_000);
});

test('neither the last lines nor the terminal have a secret, colours or not', () => {
  const said = "\x1b[1mpassword\x1b[0m: \x1b[32m'hush'\x1b[39m";
  const tail = keepTail();
  tail.push('stderr', `${said}\n\x1b[32mready\x1b[39m\r\n`);
  expect(tail.lines()).toEqual(["password: '***'", 'ready']);
  const shown: string[] = [];
  readLines((line) => shown.push(shownLine(line, { isTTY: true }, {}))).push(
    `${said}\n\x1b[32mready\x1b[39m\r\n::error::x\n`,
  );
  expect(shown).toEqual(["password: '***'", '\x1b[32mready\x1b[39m\x1b[0m', '\\::error::x']);
});

test('colours of a server reach a terminal, and neither a pipe nor who wants none', () => {
  const [terminal, pipe] = [{ isTTY: true }, {}];
  const shown = (stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv) => {
    const lines: string[] = [];
    readLines((line) => lines.push(shownLine(line, stream, env))).push('\x1b[90mready\x1b[0m\n');
    return lines;
  };
  expect(shown(terminal, { TERM: 'xterm' })).toEqual(['\x1b[90mready\x1b[0m\x1b[0m']);
  expect(shown(pipe, { FORCE_COLOR: '1' })).toEqual(['\x1b[90mready\x1b[0m\x1b[0m']);
  expect(shown(pipe, {})).toEqual(['ready']);
  expect(shown(terminal, { NO_COLOR: '1' })).toEqual(['ready']);
});

test('output that is waited for is found at the end of very much of it, also in pieces', async () => {
  const watch = watchOutput({ stdout: /^port=(?<port>\d+)\nready/m, stderr: undefined });
  for (let index = 0; index < 2_000; index++) watch.push('stdout', `${'x'.repeat(9_999)}\n`);
  for (const piece of ['po', 'rt=1', '2\nre', 'ady\n']) watch.push('stdout', piece);
  await watch.matched;
  expect(watch.captured).toEqual({ PORT: '12' });
});

test('output that is waited for spans no more than some thousand characters', async () => {
  const watch = watchOutput({ stdout: /(?<far>far)x*end|(?<near>near)x*end/, stderr: undefined });
  for (const piece of [`far${'x'.repeat(20_000)}`, 'end\n', `near${'x'.repeat(10_000)}`, 'end\n'])
    watch.push('stdout', piece);
  await watch.matched;
  expect(watch.captured).toEqual({ NEAR: 'near' });
});

test('a log file that cannot be written costs the log only', () => {
  const { folder, remove } = scratchFolder();
  mkdirSync(join(folder, 'log'));
  const output = openOutput({ logFile: join(folder, 'log'), label: 'web 0', stdout: 'ignore', stderr: 'ignore' });
  output.push('stdout', 'still here\n');
  output.close();
  expect(output.tail()).toEqual(['still here']);
  remove();
});

test('all that was printed is in the log as it is, for its owner only', () => {
  const { folder, remove } = scratchFolder();
  const logFile = join(folder, 'a', 'b.log');
  const output = openOutput({ logFile, label: 'web 0', stdout: 'ignore', stderr: 'ignore' });
  const line = `\x1b[31mpassword: hush ${'x'.repeat(1_000)}\n`;
  for (let index = 0; index < 1_000; index++) output.push('stdout', line);
  output.close();
  expect(readFileSync(logFile, 'utf8')).toBe(line.repeat(1_000));
  expect(statSync(logFile).mode & 0o777).toBe(0o600);
  const again = openOutput({ logFile, label: 'web 0', stdout: 'ignore', stderr: 'ignore' });
  again.close();
  expect(readFileSync(logFile, 'utf8').slice(line.length * 1_000)).toMatch(/^---- started again at .* ----\n$/);
  remove();
});

test('of a log that is too long the last is kept, in two files', () => {
  const { folder, remove } = scratchFolder();
  const file = join(folder, 'x.log');
  const log = openLog(file, 100);
  for (let index = 10; index < 100; index++) log.write(`line ${index}\n`);
  log.close();
  expect(existsSync(`${file}.2`)).toBe(false);
  const kept = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8');
  expect(kept).toMatch(/^line \d\d\n/);
  expect(kept.endsWith('line 98\nline 99\n')).toBe(true);
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.length).toBeLessThan(220);
  remove();
});
