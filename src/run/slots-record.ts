// How many slots the last run of each selection of a project's tests had: the next one of the same opens as many ahead.
import { createHash } from 'node:crypto';
import { readRecord, writeRecord } from './project-record.ts';

/** Selections of a project: of more the oldest are forgotten. */
const MOST_SELECTIONS = 100;

/** Undefined: such a run is not known. */
export async function recordedSlots(root: string, selection: readonly string[]): Promise<number | undefined> {
  return (await entries(root)).get(keyOf(selection));
}

export async function recordSlots(root: string, selection: readonly string[], slots: number): Promise<void> {
  const all = await entries(root);
  if (all.get(keyOf(selection)) === slots) return;
  all.delete(keyOf(selection)); // the newest stand last
  all.set(keyOf(selection), slots);
  await writeRecord('slots', root, () => [...all].slice(-MOST_SELECTIONS));
}

async function entries(root: string): Promise<Map<string, number>> {
  const record = await readRecord('slots', root);
  return new Map(Array.isArray(record) ? record.filter(isEntry) : []);
}

/** Words of the command line may hold what is nobody's business: they are not written. */
function keyOf(selection: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(selection)).digest('hex').slice(0, 16);
}

function isEntry(entry: unknown): entry is [string, number] {
  return Array.isArray(entry) && /^[0-9a-f]{16}$/.test(String(entry[0])) && Number.isInteger(entry[1]) && entry[1] > 0;
}
