// What stands on a terminal when Playwright's reporters write beside ours, in the ways in which they write.
import { setImmediate as turn } from 'node:timers/promises';
import { test as base, expect } from '@playwright/test';
import { type Neighbour, Screen, type ScreenStream } from './screen.ts';
import { Terminal } from './testing/terminal.ts';

interface Place {
  readonly terminal: Terminal;
  readonly screen: Screen;
  /** What another reporter writes. */
  readonly write: (text: string) => void;
}

const test = base.extend<{ open: (columns?: number, rows?: number) => Place }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads it.
  open: async ({}, use) => {
    const ends: (() => void)[] = [];
    await use((columns = 40, rows = 24) => {
      const terminal = new Terminal(columns, rows);
      const { out, err, close } = terminal.streams();
      const screen = new Screen({ colours: 'drop', out, err });
      ends.push(() => screen.close(), close);
      return { terminal, screen, write: (text) => void out.write(text) };
    });
    for (const end of ends) end();
  },
});

/** As Playwright's `line` writes its title. */
const title = (text: string) => `\x1b[1A\x1b[2K${text}\n`;
const BLOCK = ['3 of 9 tests', '  slot 0  a.spec.ts'];

test('what others write stands above the block, which is gone at the end', async ({ open }) => {
  const { terminal, screen, write } = open();
  write('Running 9 tests\n');
  screen.show(BLOCK);
  await turn();
  expect(terminal.text).toBe('Running 9 tests\n3 of 9 tests\n  slot 0  a.spec.ts');
  write('own output\n');
  expect(terminal.text).toBe('Running 9 tests\nown output');
  await turn();
  screen.print('PASS a.spec.ts');
  await turn();
  expect(terminal.text).toBe('Running 9 tests\nown output\n[stacks] PASS a.spec.ts\n3 of 9 tests\n  slot 0  a.spec.ts');
  screen.close();
  write('9 passed\n');
  expect(terminal.text).toBe('Running 9 tests\nown output\n[stacks] PASS a.spec.ts\n9 passed');
});

test('`line` keeps its row: our lines stand above it, and are not wiped', async ({ open }) => {
  const { terminal, screen, write } = open();
  screen.beside('line');
  write('Running 9 tests\n\n');
  screen.print('Found 3 test files');
  await turn();
  write(title('[1/9] one'));
  screen.show(BLOCK);
  await turn();
  expect(terminal.text).toBe(
    'Running 9 tests\n[stacks] Found 3 test files\n[1/9] one\n3 of 9 tests\n  slot 0  a.spec.ts',
  );
  screen.print('PASS a.spec.ts');
  screen.print('PASS b.spec.ts');
  await turn();
  write(title('[2/9] two'));
  // A failure takes the row, and leaves an empty one.
  write('\x1b[1A\x1b[2K');
  write('1) two failed\n');
  write('\n');
  screen.print('FAIL c.spec.ts');
  await turn();
  write(title('[3/9] three'));
  write('\x1b[1A\x1b[2K');
  write('8 passed\n');
  screen.beside('other');
  screen.print('3 files');
  screen.close();
  expect(terminal.text).toBe(
    [
      'Running 9 tests',
      '[stacks] Found 3 test files',
      '[stacks] PASS a.spec.ts',
      '[stacks] PASS b.spec.ts',
      '1) two failed',
      '[stacks] FAIL c.spec.ts',
      '8 passed',
      '[stacks] 3 files',
    ].join('\n'),
  );
});

test('`line` that ends after ours wipes nothing of ours', ({ open }) => {
  const { terminal, screen, write } = open();
  screen.beside('line');
  write('\n');
  write(title('[9/9] nine'));
  screen.print('3 files');
  screen.close();
  write('\x1b[1A\x1b[2K');
  write('9 passed\n');
  expect(terminal.text).toBe('[stacks] 3 files\n9 passed');
});

test('`list` finds its rows: nothing is drawn beside it, and our lines come at the end', async ({ open }) => {
  const { terminal, screen, write } = open();
  screen.beside('list');
  write('  1 one\n  2 two\n');
  screen.show(BLOCK);
  screen.print('PASS a.spec.ts');
  await turn();
  for (const text of ['\x1b[2A', '\x1b[2K\x1b[0G', '  ✓ 1 one', '\x1b[2E']) write(text);
  expect(terminal.text).toBe('  ✓ 1 one\n  2 two');
  screen.beside('other');
  screen.print('3 files');
  screen.close();
  expect(terminal.text).toBe('  ✓ 1 one\n  2 two\n[stacks] PASS a.spec.ts\n[stacks] 3 files');
});

test('a reporter that nobody knows is recognised by what it does: it goes up by rows', async ({ open }) => {
  const { terminal, screen, write } = open();
  write('one\ntwo\n');
  for (const text of ['\x1b[2A', '\x1b[2K\x1b[0G', 'ONE', '\x1b[2E']) write(text);
  screen.print('PASS a.spec.ts');
  screen.show(BLOCK);
  await turn();
  expect(terminal.text).toBe('ONE\ntwo');
});

test('dots go on where they were; our lines begin a row of their own', async ({ open }) => {
  const { terminal, screen, write } = open();
  screen.show(BLOCK);
  write('··');
  await turn();
  write('·');
  expect(terminal.text).toBe('···');
  screen.print('PASS a.spec.ts');
  await turn();
  write('·');
  await turn();
  expect(terminal.text.split('\n').slice(0, 3)).toEqual(['···', '[stacks] PASS a.spec.ts', '·']);
});

test('a block that a narrower terminal has wrapped is taken away whole', async ({ open }) => {
  const { terminal, screen, write } = open(10);
  screen.show(['0123456789012', 'second']);
  await turn();
  write('over\n');
  expect(terminal.text).toBe('over');
});

test('a pseudo-terminal that says it has no columns is taken for one of 80', async ({ open: _ }) => {
  const terminal = new Terminal(80);
  const { out, err, close } = terminal.streams();
  const screen = new Screen({ colours: 'drop', out, err: { ...err, columns: 0, rows: 0 } });
  expect([screen.columns, screen.rows]).toEqual([80, undefined]);
  screen.show(BLOCK);
  await turn();
  out.write('row\n');
  expect(terminal.text).toBe('row');
  screen.close();
  close();
});

test('a block at the end of the screen scrolls what is above it, and leaves no rest', async ({ open }) => {
  const { terminal, screen, write } = open(40, 4);
  for (const n of [1, 2, 3, 4, 5]) {
    write(`row ${n}\n`);
    screen.show(BLOCK);
    await turn();
  }
  screen.close();
  expect(terminal.text).toBe('row 1\nrow 2\nrow 3\nrow 4\nrow 5');
});

test('what a terminal would obey is shown; a colour stays where colours are', async ({ open }) => {
  const { terminal, screen } = open(60);
  screen.print('title \x1b]0;x\x07\x1b[2J\x07 ::error::x');
  screen.show(['\x1b[31mred\x1b[39m']);
  await turn();
  expect(terminal.text).toBe('[stacks] title \\x07 ::error::x\nred');
});

test('streams that end in two places know nothing of each other', ({ open: _ }) => {
  const written: string[] = [];
  const stream = () => ({ isTTY: true, write: ((text: string) => written.push(text) > 0) as ScreenStream['write'] });
  const [out, err] = [stream(), stream()];
  const before = out.write;
  const screen = new Screen({ colours: 'drop', out, err });
  screen.beside('list' satisfies Neighbour);
  screen.print('at once');
  screen.show(BLOCK);
  expect(written).toEqual(['[stacks] at once\n']);
  expect(out.write).toBe(before);
  screen.close();
});
