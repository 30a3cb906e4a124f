import { expect, test } from '@playwright/test';
import { neighboursOf } from './neighbour.ts';

const OURS = ['/x/node_modules/playwright-stacks/dist/playwright/runner/reporter.js'] as const;
type Reporters = Parameters<typeof neighboursOf>[0];
const beside = (reporters: readonly (readonly [string, object?])[], env = {}) =>
  neighboursOf(reporters as unknown as Reporters, env);

test('`list` counts its rows, whatever else is there', () => {
  expect(beside([['html'], ['list'], OURS])).toEqual({ during: 'list', atEnd: 'other' });
  expect(beside([['dot'], OURS], { PW_TEST_REPORTER: 'list' })).toEqual({ during: 'list', atEnd: 'other' });
});

test('`line` wipes a row until it has ended, before ours or after', () => {
  expect(beside([['line'], OURS])).toEqual({ during: 'line', atEnd: 'other' });
  expect(beside([OURS, ['line']])).toEqual({ during: 'line', atEnd: 'line' });
});

test('Playwright adds `line` where nobody prints, but not on CI', () => {
  for (const silent of [['html'], ['blob'], ['json', { outputFile: 'x' }], ['null']] as const) {
    expect(beside([silent, OURS])).toEqual({ during: 'line', atEnd: 'other' });
  }
  expect(beside([['junit'], OURS], { PLAYWRIGHT_JUNIT_OUTPUT_NAME: 'x' }).during).toBe('line');
  expect(beside([['html'], OURS], { CI: '1' }).during).toBe('other');
});

test('others write from left to right', () => {
  for (const other of ['dot', 'json', './own-reporter.ts']) expect(beside([[other], OURS]).during).toBe('other');
});
