// What is private in Playwright may be otherwise in another one, and then does no harm.
import { expect, test } from '@playwright/test';
import { beginStep, usedWorkers } from './private.ts';

const fails = () => {
  throw new Error('the test is over');
};

test('neither the beginning of a step nor its end ever throws', () => {
  const steps = [{ category: 'hook' }];
  const odd = [
    { _steps: steps, _addStep: () => ({ complete: fails }) },
    { _steps: steps, _addStep: () => ({}) },
  ];
  for (const info of [...odd, { _steps: steps, _addStep: fails }, { _steps: [undefined] }, {}]) {
    const end = beginStep({ ...test.info(), ...info } as never, 'clone');
    expect(end()).toBeUndefined();
  }
});

test('as many workers are used as Playwright says, where it does', () => {
  const of = (metadata: object) => usedWorkers({ metadata, workers: 4 });
  expect([of({ actualWorkers: 1 }), of({ actualWorkers: 9 })]).toEqual([1, 4]);
  expect([of({}), of({ actualWorkers: 'all' }), of({ actualWorkers: 0 })]).toEqual([undefined, undefined, undefined]);
});
