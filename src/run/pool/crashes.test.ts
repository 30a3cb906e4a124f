// Crashes in a row: counted by server, until a test of the slot passes.
import { expect, test } from '@playwright/test';
import type { TestRef } from '../../events.ts';
import { Crashes } from './crashes.ts';

const ref = (id: string): TestRef => ({ id, title: id, titlePath: [id], file: 'a.spec.ts', project: '', retry: 0 });

test('a row begins with the test after which the server first ended, and ends with a test that passes', () => {
  const crashes = new Crashes();
  expect(crashes.note('web', ref('1'))).toEqual({ times: 1, first: ref('1') });
  crashes.testBegan();
  crashes.testEnded('failed');
  expect(crashes.note('web', ref('2'))).toEqual({ times: 2, first: ref('1') });
  expect(crashes.note('api', ref('2'))).toEqual({ times: 1, first: ref('2') });
  crashes.testBegan();
  crashes.testEnded('passed');
  expect(crashes.note('web', ref('3'))).toEqual({ times: 1, first: ref('3') });
});

test('a test during which the server ended does not end the row, though its body passed', () => {
  const crashes = new Crashes();
  crashes.testBegan();
  crashes.note('web', ref('1'));
  crashes.testEnded('passed');
  expect(crashes.note('web', ref('1')).times).toBe(2);
});
