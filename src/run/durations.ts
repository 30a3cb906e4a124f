// How long the tests of a project took when they last passed, for whoever says how much time is left.
import { readRecord, writeRecord } from './project-record.ts';

/** Tests of a project: of more the oldest are forgotten. */
const MOST_TESTS = 20_000;

/** Milliseconds by Playwright's `testId`. */
export type Durations = ReadonlyMap<string, number>;

export async function readDurations(root: string): Promise<Durations> {
  const record = await readRecord('durations', root);
  return new Map(Array.isArray(record) ? record.filter(isDuration) : []);
}

/** Adds those of a run; what it did not run stays as it was. */
export async function keepDurations(root: string, durations: Durations): Promise<void> {
  if (durations.size === 0) return;
  const all = new Map(await readDurations(root));
  for (const [id, ms] of durations) {
    all.delete(id); // the newest stand last
    all.set(id, Math.round(ms));
  }
  await writeRecord('durations', root, () => [...all].slice(-MOST_TESTS));
}

function isDuration(entry: unknown): entry is [string, number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]) && entry[1] >= 0;
}
