// How late a project's applications write, by variant, as runs have learned it: later runs need not be surprised again.
import type { KnownQuiet, LearnedQuiet } from '../lease/learned-quiet.ts';
import { readRecord, writeRecord } from './project-record.ts';

/** Days after which it is learned anew: the application may have been mended. */
const DAYS = 7;

interface Recorded extends LearnedQuiet {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Where it cannot be read, nothing is known. */
export async function recordedQuiet(root: string): Promise<Map<string, LearnedQuiet>> {
  const oldest = Date.now() - DAYS * 86_400_000;
  const records: [string, unknown][] = Object.entries(Object(await readRecord('quiet', root)));
  return new Map(
    records.flatMap(([variant, each]): [string, LearnedQuiet][] => {
      if (!isRecorded(each) || each.at <= oldest) return [];
      return [[variant, { silence: each.silence, listen: each.listen }]];
    }),
  );
}

/** @param known what it is when the file is written. Where that cannot be, the next run learns it again */
export async function noteQuiet(root: string, known: ReadonlyMap<string, KnownQuiet>): Promise<void> {
  const records = () => {
    const at = Date.now();
    return Object.fromEntries(
      [...known].flatMap(([variant, each]): [string, Recorded][] =>
        typeof each === 'object' ? [[variant, { ...each, at }]] : [],
      ),
    );
  };
  await writeRecord('quiet', root, records).catch(() => {});
}

function isRecorded(value: unknown): value is Recorded {
  const { silence, listen, at } = Object(value);
  return [silence, listen, at].every((number) => typeof number === 'number' && number >= 0);
}
