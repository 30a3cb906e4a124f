// The tests of a sample run: what they are called, how they end, and how they ended before.
import type { EarlierRuns, TestOutcome, TestRef } from '../../events.ts';

export interface Sample {
  readonly slots: number;
  /** Files, and tests of each. */
  readonly files: number;
  readonly tests: number;
  /** Milliseconds since 1970 at which it begins. */
  readonly began: number;
}

const AREAS = ['notes', 'search', 'sharing', 'login', 'settings', 'tags', 'comments', 'billing'] as const;
const DEEDS = [
  'creates one',
  'renames it',
  'removes it',
  'shows an empty list',
  'keeps what was typed',
  'asks before it deletes',
];

export function tests({ files, tests: each }: Sample): TestRef[] {
  return Array.from({ length: files * each }, (_, index) => {
    const area = AREAS[Math.floor(index / each) % AREAS.length] ?? '';
    const number = Math.floor(index / each / AREAS.length);
    const title = `${DEEDS[index % DEEDS.length]}${index % each >= DEEDS.length ? ` ${index % each}` : ''}`;
    const file = `${area}${number > 0 ? `-${number}` : ''}.spec.ts`;
    return { id: `t${index}`, title, titlePath: [area, title], file, project: '', retry: 0 };
  });
}

/** Most pass in the time that they take now; some were much faster, some do not always pass, some are new. */
export function earlier({ id }: TestRef, index: number): [string, EarlierRuns][] {
  if (index % 13 === 12) return [];
  const ms = index === 16 ? 480 : 1_200;
  if (index === 21) return [[id, { passed: 5, failed: 0, flaky: 3, changes: 0, ms }]];
  if (index === 30) return [[id, { passed: 6, failed: 2, flaky: 0, changes: 3, ms }]];
  return [[id, { passed: 8, failed: 0, flaky: 0, changes: 0, ms }]];
}

export function outcomeOf(index: number): TestOutcome {
  if (index === 6 || index === 13) return 'failed';
  if (index === 21) return 'flaky';
  return index % 19 === 18 ? 'skipped' : 'passed';
}

/** What the failed ones say. */
export const ERROR = `Error: expect(locator).toHaveText(expected) failed

Locator: getByRole('listitem')
Expected: "Groceries"
Received: "Groceries (2)"
Timeout: 5000ms

  12 |   await page.getByRole('button', { name: 'Add' }).click();
  13 |
> 14 |   await expect(page.getByRole('listitem')).toHaveText('Groceries');
     |                                            ^`;
