// Hunts each mutant, and says what found it and when.

import { type Hunted, hunt } from './hunt.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { openTestBed } from './test-bed.ts';

/** Milliseconds in which each must be found. */
const TIME = 60_000;

export async function huntMutant({ alter, rewinder }: Mutant, major: string, seed: number): Promise<Hunted> {
  const testBed = await openTestBed(major, { alter, rewinder });
  try {
    return await hunt(testBed, { seed, cases: Number.POSITIVE_INFINITY, time: TIME, shrink: 0 });
  } finally {
    await testBed.close();
  }
}

/** Prints a line each; returns how many were not found. */
export async function huntMutants(major: string, seed: number): Promise<number> {
  console.log(`Postgres ${major}, from seed ${seed}`);
  console.log('| mutant | found after | programs | by |\n| --- | --- | --- | --- |');
  let missed = 0;
  for (const mutant of MUTANTS) {
    const { found, seconds, programs } = await huntMutant(mutant, major, seed);
    if (!found) missed++;
    const by = found ? found.what.split('\n').slice(0, 2).join(' ').slice(0, 140) : 'nothing';
    console.log(`| ${mutant.name} | ${found ? `${seconds.toFixed(1)} s` : 'NOT FOUND'} | ${programs} | ${by} |`);
  }
  return missed;
}
