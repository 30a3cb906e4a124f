// The manual of the options, and that it is true.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type { StacksOptions } from './options.ts';
import { parseOptions } from './parse.ts';
import { isLiteral, lineOf, optionsPage, sections } from './testing/options-page.ts';

const file = new URL('../../docs/options.md', import.meta.url);
const value = (text: string): unknown => new Function(`return (${text})`)();

test('docs/options.md is what the comments and the table say', () => {
  if (test.info().config.updateSnapshots === 'all') writeFileSync(file, optionsPage());
  expect(readFileSync(file, 'utf8')).toBe(optionsPage());
});

for (const { prefix, options, table } of sections()) {
  for (const option of options) {
    test(`${prefix}${option.name} has a default and an example, and both are right`, () => {
      expect(option.default).not.toBe('');
      expect(option.examples).not.toEqual([]);
      if (!table) return;
      const filled = lineOf(table, option.name).safeParse(undefined).data;
      if (filled === undefined) expect(isLiteral(option.default)).toBe(false);
      else expect(value(option.default)).toEqual(filled);
      for (const example of option.examples) {
        expect(() => parseOptions(inOptions(prefix, example), undefined, [])).not.toThrow();
      }
    });
  }
}

function inOptions(prefix: string, example: string): StacksOptions {
  const own = value(`{ ${example} }`) as object;
  if (prefix === 'database.') return { database: own };
  if (prefix === 'server.') return { server: { command: 'npm start', ...own } };
  if (prefix === 'workspace.') return { workspace: own };
  return own;
}
