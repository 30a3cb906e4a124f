import { expect, test } from '@playwright/test';
import { sizeOfMachine } from './machine-size.ts';

test('a machine has a slot for each processor, as far as its memory goes, and at least one', () => {
  const gib = 2 ** 30;
  expect(sizeOfMachine(8, 64 * gib)).toBe(8);
  expect(sizeOfMachine(8, 3.5 * gib)).toBe(3);
  expect(sizeOfMachine(2, gib / 2)).toBe(1);
  expect(sizeOfMachine()).toBeGreaterThan(0);
});
