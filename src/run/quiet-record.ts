// How late a project's applications write, by variant, as runs have learned it: later runs need not be surprised again.
import { type LearnedQuiet, parseLearned } from '../lease/learned-quiet.ts';
import { readRecord, writeRecord } from './project-record.ts';

/** Days after which it is learned anew: the application may have been mended. */
const DAYS = 7;

export interface RecordedQuiet {
  readonly known: LearnedQuiet;
  /** When it was learned, in milliseconds since 1970. */
  readonly at: number;
}

/** Where it cannot be read, nothing is known. */
export async function recordedQuiet(root: string): Promise<Map<string, RecordedQuiet>> {
  const now = Date.now();
  const records: [string, unknown][] = Object.entries(Object(await readRecord('quiet', root)));
  return new Map(
    records.flatMap(([variant, each]): [string, RecordedQuiet][] => {
      const { known: recorded, at } = Object(each);
      const known = parseLearned(recorded);
      return known && at > now - DAYS * 86_400_000 && at <= now ? [[variant, { known, at }]] : [];
    }),
  );
}

/** @param records what they are when the file is written. Where that cannot be, the next run learns it again */
export async function noteQuiet(root: string, records: ReadonlyMap<string, RecordedQuiet>): Promise<void> {
  await writeRecord('quiet', root, () => Object.fromEntries(records)).catch(() => {});
}
