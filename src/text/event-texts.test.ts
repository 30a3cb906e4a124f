import { expect, test } from '@playwright/test';
import { shownTexts } from './event-texts.ts';

test('the texts of an event have no secrets, wherever they stand', () => {
  const text = 'postgres://app:hush@h/d';
  expect(shownTexts({ ms: 1, isLast: true, why: text, all: [{ text }, undefined] })).toEqual({
    ...{ ms: 1, isLast: true, why: 'postgres://app:***@h/d' },
    all: [{ text: 'postgres://app:***@h/d' }, undefined],
  });
});

test('of a text that is too long the middle is left out, with what may be a part of a secret', () => {
  const long = `begins ${'x'.repeat(40_000)} password=${'hush'.repeat(20_000)} ${'x'.repeat(50_000)} ends`;
  const { message } = shownTexts({ message: long });
  expect(message).toMatch(/^begins x+ … \(\d+ characters\) … x+ ends$/);
  expect(message.length).toBeLessThan(66_000);
});
