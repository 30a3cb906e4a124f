import { expect, test } from '@playwright/test';
import { lastErrorLine } from './error-line.ts';

const lastOf = (...lines: readonly string[]) => lastErrorLine(`${lines.join('\n')}\n`);

test('the last line that tells of an error is found, and not its stack', () => {
  expect(lastOf('TypeError: first', 'GET /notes 200', 'error: duplicate key', '    at query (/app/db.mjs:3:1)')).toBe(
    'error: duplicate key',
  );
  expect(lastOf('error: as Node prints it {', "  severity: 'ERROR',", '}')).toBe('error: as Node prints it {');
  expect(lastOf('    at handleError (/app/error.mjs:3:1)', 'GET /errors.json 200')).toBeUndefined();
  expect(lastOf('Traceback (most recent call last):', '  File "x.py"', 'ValueError: bad')).toBe('ValueError: bad');
  expect(lastOf('{"level":50,"msg":"broken"}', '{"level":30,"msg":"fine"}')).toBe('{"level":50,"msg":"broken"}');
  expect(lastOf('compiled, 0 errors', 'Found no errors.', 'fine')).toBeUndefined();
});

test('of a long one its beginning is shown', () => {
  expect(lastOf(`error: ${'x'.repeat(1_000_000)}`)).toBe(`error: ${'x'.repeat(293)}…`);
});

test('a line of many errors that may be the name of a file takes time linear in its length', () => {
  const line = `${'error'.repeat(200_000)}.a`;
  expect(lastOf(line)).toBe(`${line.slice(0, 300)}…`);
});
