// How late a project's applications write, by variant, as runs have learned it: later runs need not be surprised again.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOwnFile } from '../files/read-file.ts';
import type { KnownQuiet, LearnedQuiet } from '../lease/learned-quiet.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';

/** Days after which it is learned anew: the application may have been mended. */
const DAYS = 7;

interface Recorded extends LearnedQuiet {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Where it cannot be read, nothing is known. */
export async function recordedQuiet(root: string): Promise<Map<string, LearnedQuiet>> {
  const oldest = Date.now() - DAYS * 86_400_000;
  const text = await recordOf(root).then(readRecord, () => undefined);
  const records = Object.entries(parse(text)).filter(([, each]) => isRecord(each));
  return new Map(
    records.filter(([, { at }]) => at > oldest).map(([name, { silence, listen }]) => [name, { silence, listen }]),
  );
}

/** @param known what it is when the file is written. Where that cannot be, the next run learns it again */
export async function noteQuiet(root: string, known: ReadonlyMap<string, KnownQuiet>): Promise<void> {
  try {
    const file = await recordOf(root);
    const at = Date.now();
    const records = [...known].flatMap(([variant, each]): [string, Recorded][] =>
      typeof each === 'object' ? [[variant, { ...each, at }]] : [],
    );
    writeFileSync(file, JSON.stringify(Object.fromEntries(records)), { mode: 0o600 });
  } catch {} // as above
}

function readRecord(path: string): string | undefined {
  try {
    return readOwnFile(path);
  } catch {
    return undefined; // as where there is none
  }
}

/** What was cut off while it was written says nothing. */
function parse(text: string | undefined): Record<string, Recorded> {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

function isRecord(value: unknown): boolean {
  const { silence, listen, at } = Object(value);
  return [silence, listen, at].every((number) => typeof number === 'number' && number >= 0);
}

async function recordOf(root: string): Promise<string> {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(await cacheFolder(root), `quiet-${name}.json`);
}
