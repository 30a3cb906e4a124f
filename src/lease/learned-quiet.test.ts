// What workers and the run have learned of late writes comes together in any order, and a later run believes no more than can be.
import { expect, test } from '@playwright/test';
import { afterSight, LISTEN, merged, parseLearned } from './learned-quiet.ts';

test('what two know is the same in whatever order they hear it', () => {
  const first = afterSight(undefined, 80);
  const listened = { ...first, silence: 90, listen: 0 };
  const again = afterSight(first);
  expect(again).toEqual({ silence: 80, listen: LISTEN, sights: 2 });
  const together = { silence: 90, listen: LISTEN, sights: 2 };
  expect([merged(listened, again), merged(again, listened)]).toEqual([together, together]);
  expect([merged(listened, first), merged(first, listened)]).toEqual([listened, listened]);
  expect([merged(undefined, first), merged(first, undefined)]).toEqual([first, first]);
  expect([merged('in vain', first), merged(first, 'in vain')]).toEqual(['in vain', 'in vain']);
});

test('a record is believed within bounds', () => {
  const known = { silence: 80, listen: 2, sights: 1 };
  expect(parseLearned(known)).toEqual(known);
  expect(parseLearned({ silence: 1e9, listen: 1e9, sights: 7 })).toEqual({ silence: 250, listen: LISTEN, sights: 7 });
  for (const wrong of [undefined, 'in vain', { ...known, listen: -1 }, { ...known, silence: '80' }, { silence: 80 }]) {
    expect(parseLearned(wrong)).toBeUndefined();
  }
});
