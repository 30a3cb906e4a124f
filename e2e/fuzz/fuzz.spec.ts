// A short hunt on each Postgres; `npm run fuzz` is the long one.
import { expect, test } from '@playwright/test';
import { testedMajors } from '../../src/rewind/testing/majors.ts';
import { openGround } from './ground.ts';
import { hunt } from './hunt.ts';

for (const major of testedMajors()) {
  test(`generated programs over generated schemas are rewound on ${major}`, async () => {
    const ground = await openGround(major);
    try {
      const hunted = await hunt(ground, { seed: 1, cases: 1_000, time: 4_000, shrink: 20_000 });
      expect(hunted.found && [...hunted.found.story, hunted.found.what].join('\n')).toBeUndefined();
      expect(hunted.programs).toBeGreaterThan(2);
    } finally {
      await ground.close();
    }
  });
}
