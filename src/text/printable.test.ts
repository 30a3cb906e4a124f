import { expect, test } from '@playwright/test';
import { printable, printableInColour, printableName } from './printable.ts';

test('colours are left out, and all else that a terminal obeys is shown', () => {
  expect(
    printable('\x1b[1;31mred\x1b[0m \x1b[2Jcleared \x1b]0;a title\x07 \x1b]8;;https://a.b\x1b\\link\x1b]8;;\x1b\\'),
  ).toBe('red cleared  link');
  expect(printable('bell\x07 back\b\b erased\x7f null\0 \x9b31m \x1b[31 \x1b]0;no end')).toBe(
    'bell\\x07 back\\x08\\x08 erased\\x7f null\\x00  \\x1b[31 \\x1b]0;no end',
  );
  expect(printable('10%\r100%\r\ndone\u2028next\u2029\u0085')).toBe('10%\\r100%\ndone\\u2028next\\u2029\\x85');
  expect(printable('user\u202e\u2066gnp.exe\u2069')).toBe('user\\u202e\\u2066gnp.exe\\u2069');
  expect(printable('\tZürich, 東京, 👩‍💻, שלום\u200f\n')).toBe('\tZürich, 東京, 👩‍💻, שלום\u200f\n');
});

test('what is left after a sequence was taken out is no sequence', () => {
  expect(printable('\x1b\x1b[31m[31mx')).toBe('\\x1b[31mx');
  expect(printable('#\x1b[0m#[error]x')).toBe('#\\#[error]x');
  expect(printable(':\x1b[0m:error::x')).toBe('\\::error::x');
});

test('commands of CI runners are none', () => {
  expect(printable('::error file=a::b\n \u00a0::add-mask::x\nsays ::error::')).toBe(
    '\\::error file=a::b\n \u00a0\\::add-mask::x\nsays ::error::',
  );
  expect(printable('a ##[error]b ##vso[task.complete]c ##teamcity[x] ## d')).toBe(
    'a #\\#[error]b #\\#vso[task.complete]c #\\#teamcity[x] ## d',
  );
  expect(printable('x\r::error::y')).toBe('x\\r::error::y');
});

test('a name stays on its line', () => {
  expect(printableName('a\n::error::b\tc\x1b[31m')).toBe('a\\n\\::error::b\\tc');
});

test('where colours may stay they end with the text, and nothing else stays', () => {
  expect(printableInColour('\x1b[32mok\x1b[2K\x1b[1A\x07 #\x1b[2K#[error]')).toBe('\x1b[32mok\\x07 #\\#[error]\x1b[0m');
  expect(printableInColour('plain\r')).toBe('plain\\r');
});

test('long runs of what it looks for are made harmless whole', () => {
  for (const unit of ['\x1b[', '\x1b]', '\n', ' ', '\x1b[0;', '##', '::', '\x9d\x1b]']) {
    const text = unit.repeat(200_000 / unit.length);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const made of [printable(text), printableInColour(text)]) expect(made).not.toMatch(/[\x1b\x9d]/);
  }
});
