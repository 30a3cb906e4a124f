import { expect, test } from '@playwright/test';
import { remember } from './known-secrets.ts';
import { MARGIN, presentable } from './presentable.ts';

test('of a long text its middle is left out', () => {
  const text = presentable(`ab${'x'.repeat(100)}cd`, 4);
  expect(text).toBe('ab … (100 characters) … cd');
  expect(presentable(text, 4)).toBe(text);
  expect(presentable(`ab${'x'.repeat(1_000_000)}cd`, 4)).toBe('ab … (1000000 characters) … cd');
});

test('a secret that a cut goes through is not shown in part', () => {
  const secret = 'S3cret-'.repeat(300);
  remember(secret);
  for (const where of [0, 1, 7, 500, 999, 1_000, 2_000, MARGIN - 1, MARGIN, MARGIN + 999, MARGIN + 1_001, 20_000]) {
    const [before, after] = ['x'.repeat(where), 'y'.repeat(30_000)];
    for (const line of [before + secret + before, before + secret + after, after + secret + before]) {
      expect(presentable(line, 2_000)).not.toMatch(/S3cret|cret-/);
    }
  }
});

test('a name and a value that a colour stands between are one', () => {
  expect(presentable("\x1b[1mpassword\x1b[0m: \x1b[32m'hush'\x1b[39m")).toBe("password: '***'");
});
