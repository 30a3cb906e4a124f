// How long the tests of a project took when they last passed, for whoever says how much time is left. Kept in the cache
// folder; without it, or where it cannot be written, nothing else is lost.
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOwnFile } from '../files/read-file.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';

/** Tests of a project: of more the oldest are forgotten. */
const MOST_TESTS = 20_000;
/** Projects: a shared `STACKS_CACHE` has those of all. */
const MOST_PROJECTS = 50;
/** What `MOST_TESTS` need is less than a third. */
const MOST_BYTES = 4 * 2 ** 20;

const NAME = /^durations-[0-9a-f]{16}\.json$/;

/** Milliseconds by Playwright's `testId`. */
export type Durations = ReadonlyMap<string, number>;

export async function readDurations(root: string): Promise<Durations> {
  return parse(readOwnFile(await fileOf(root)));
}

/** Adds those of a run; what it did not run stays as it was. */
export async function keepDurations(root: string, durations: Durations): Promise<void> {
  if (durations.size === 0) return;
  const file = await fileOf(root);
  const all = new Map(parse(readOwnFile(file)));
  for (const [id, ms] of durations) {
    all.delete(id); // the newest stand last
    all.set(id, Math.round(ms));
  }
  // By one rename: a run beside this one reads all or nothing.
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, JSON.stringify([...all].slice(-MOST_TESTS)), { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  forgetOldest(join(file, '..'));
}

function parse(text = ''): Durations {
  if (text.length > MOST_BYTES) return new Map();
  try {
    return new Map(JSON.parse(text).filter(isDuration));
  } catch {
    return new Map(); // none yet, or no list
  }
}

function isDuration(entry: unknown): entry is [string, number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1]) && entry[1] >= 0;
}

function forgetOldest(folder: string): void {
  const files = readdirSync(folder).filter((name) => NAME.test(name));
  if (files.length <= MOST_PROJECTS) return;
  const age = (file: string) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = files.sort((one, other) => age(other) - age(one)).slice(MOST_PROJECTS);
  for (const file of oldest) rmSync(join(folder, file), { force: true });
}

async function fileOf(root: string): Promise<string> {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(await cacheFolder(root), `durations-${name}.json`);
}
