import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { printableJson } from './printable.ts';
import { safe } from './terminal.ts';

test('what is written has no secret, and a colour only where none was hidden', () => {
  expect(safe('\x1b[31mred\x1b[0m\x07\n::error::x\n', 'keep')).toBe('\x1b[31mred\x1b[0m\\x07\n\\::error::x\n\x1b[0m');
  expect(safe("\x1b[31mpassword: \x1b[32m'hush'\x1b[0m", 'keep')).toBe("password: '***'");
  expect(safe('\x1b[31mred\x1b[0m postgres://a:hush@h')).toBe('red postgres://a:***@h');
});

test('JSON stays JSON', () => {
  const data = { title: '\x1b]0;x\x07 \u202e \x9b ##[error] ::error::', n: [1] };
  const text = printableJson(data);
  expect(JSON.parse(text)).toEqual(data);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]|##\[/);
});

test('nothing else writes to a terminal', () => {
  const src = join(import.meta.dirname, '..');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const writers = files.filter((file) =>
    /(?:std(?:out|err)|process\[\w+\])\.write\(|= process\.std(?:out|err),/.test(readFileSync(join(src, file), 'utf8')),
  );
  // The reaper and the relay answer their runner; `psql` prints a connection string with its password to whoever asks for it.
  expect(writers.sort()).toEqual([
    'cleanup/reaper-main.ts',
    'cli/psql.ts',
    'relay/relay-main.ts',
    'reporter/screen.ts',
    'server/server-output.ts',
    'text/terminal.ts',
  ]);
});
