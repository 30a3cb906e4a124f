// A short hunt on each Postgres; `npm run fuzz` is the long one.
import { expect, test } from '@playwright/test';
import { installCapture } from '../../src/rewind/install.ts';
import { startCluster } from '../../src/rewind/testing/cluster.ts';
import { testedMajors } from '../../src/rewind/testing/majors.ts';
import { hunt } from './hunt.ts';
import { huntMutant } from './hunt-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { openTestBed } from './test-bed.ts';

const GROUNDS = [
  ...testedMajors().map((major) => ({ major, rewinder: 'superuser' as const })),
  { major: '18', rewinder: 'owner' as const },
];

for (const { major, rewinder } of GROUNDS) {
  test(`generated programs over generated schemas are rewound on ${major} by the ${rewinder}`, async () => {
    const testBed = await openTestBed(major, { rewinder });
    try {
      const hunted = await hunt(testBed, { seed: 1, cases: 1_000, time: 4_000, shrink: 20_000 });
      expect(hunted.found && [...hunted.found.story, hunted.found.what].join('\n')).toBeUndefined();
      expect(hunted.programs).toBeGreaterThan(2);
    } finally {
      await testBed.close();
    }
  });
}

test('every mutant alters what is installed', async () => {
  const cluster = await startCluster('18');
  try {
    const client = await cluster.connect('postgres');
    await installCapture(client);
    for (const { name, alter } of MUTANTS) {
      await test.step(name, async () => {
        await client.query('BEGIN');
        await alter(client);
        await client.query('ROLLBACK');
      });
    }
    await client.end();
  } finally {
    await cluster.close();
  }
});

for (const name of ['sequence forgotten', 'window off by one transaction']) {
  test(`a rewind that is broken is found: ${name}`, async () => {
    const mutant = MUTANTS.find((known) => known.name === name);
    const hunted = mutant && (await huntMutant(mutant, '18', 1));
    expect(hunted?.found?.what).toContain('the database is not what it was at the mark');
  });
}
