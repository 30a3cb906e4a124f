// The search for what ran before a test and matters to it.
import { expect, test } from '@playwright/test';
import { culpritsAmong } from './culprits.ts';

const BEFORE = Array.from({ length: 60 }, (_, index) => `t${index}`);

/** Counts how often it was asked. */
function asked(matters: (units: readonly string[]) => boolean) {
  const tried: (readonly string[])[] = [];
  const differs = async (units: readonly string[]) => {
    tried.push(units);
    return matters(units);
  };
  return { tried, differs };
}

test('one of 60 is found by halves, in at most nine runs', async () => {
  for (const culprit of [0, 1, 17, 30, 58]) {
    const { tried, differs } = asked((units) => units.includes(`t${culprit}`));
    expect(await culpritsAmong(BEFORE, differs)).toEqual([`t${culprit}`]);
    expect(tried.length).toBeLessThanOrEqual(9);
  }
});

test('the last one, and one that others depend on, are tried first', async () => {
  const last = asked((units) => units.includes('t59'));
  expect(await culpritsAmong(BEFORE, last.differs)).toEqual(['t59']);
  expect(last.tried).toEqual([['t59']]);
  const known = asked((units) => units.includes('t7'));
  expect(await culpritsAmong(BEFORE, known.differs, ['elsewhere', 't7'])).toEqual(['t7']);
  expect(known.tried).toEqual([['t7']]);
});

test('two that do it only together are both found', async () => {
  const { differs } = asked((units) => units.includes('t9') && units.includes('t41'));
  expect(await culpritsAmong(BEFORE, differs)).toEqual(['t9', 't41']);
});

test('what does not happen again has no culprit, and is asked for no more than twice', async () => {
  const { tried, differs } = asked(() => false);
  expect(await culpritsAmong(BEFORE, differs)).toBeUndefined();
  expect(tried).toEqual([['t59'], BEFORE]);
  expect(await culpritsAmong([], differs)).toBeUndefined();
  expect(await culpritsAmong(['t0'], differs)).toBeUndefined();
});
