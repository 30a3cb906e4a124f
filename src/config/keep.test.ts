import { expect, test } from '@playwright/test';
import type { StacksOptions } from './options.ts';
import { parseOptions } from './parse.ts';
import { resolveOptions } from './resolve.ts';

const parse = (options: unknown) => parseOptions(options as StacksOptions, undefined, []);
const resolve = (options: StacksOptions) => resolveOptions(parse(options), '/project/playwright.config.ts').keep;

test.afterEach(() => {
  delete process.env.STACKS_KEEP;
});

test('a word, or a word and a number', () => {
  expect(resolve({})).toEqual({ when: 'never', most: 10 });
  expect(resolve({ keep: 'on-failure' })).toEqual({ when: 'on-failure', most: 10 });
  expect(resolve({ keep: { when: 'always', most: 3 } })).toEqual({ when: 'always', most: 3 });
});

test('STACKS_KEEP takes precedence over the word, not over the number', () => {
  process.env.STACKS_KEEP = 'always';
  expect(resolve({ keep: { when: 'never', most: 3 } })).toEqual({ when: 'always', most: 3 });
  process.env.STACKS_KEEP = '';
  expect(resolve({ keep: 'on-failure' })).toEqual({ when: 'on-failure', most: 10 });
});

test('mistakes are listed with all others', () => {
  process.env.STACKS_KEEP = 'on-failures';
  const words = "must be 'never', 'on-failure' or 'always', got";
  const wrong = `  \`STACKS_KEEP\` ${words} "on-failures"; did you mean 'on-failure'?`;
  const first = 'OPTIONS_INVALID: 2 mistakes in the options of withStacks().';
  expect(() => parse({ keep: 'failed' })).toThrow([first, `  \`keep\` ${words} "failed"`, wrong].join('\n'));
  expect(() => parse({ keep: { when: true } })).toThrow([first, `  \`keep.when\` ${words} true`, wrong].join('\n'));
  const most = '  `keep.most` must be a whole number above 0, got 0';
  expect(() => parse({ keep: { when: 'always', most: 0 } })).toThrow([first, most, wrong].join('\n'));
  const unknown = '  `keep.limit` is not an option; known are when, most';
  expect(() => parse({ keep: { when: 'always', limit: 7 } })).toThrow([first, unknown, wrong].join('\n'));
});
