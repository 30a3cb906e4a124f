// What a run notes of its project for later runs: a file of each kind in the cache folder. Nothing depends on it: what
// cannot be read is as if it were not there.
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT_VARIABLE } from '../environment.ts';
import { readOwnFile } from '../files/read-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';

/** What was built; how tests went; how late applications write; how many slots runs had; what templates were made from. */
type Kind = 'build' | 'history' | 'quiet' | 'slots' | 'template';

/** Projects: a shared `STACKS_CACHE` has those of all. */
const MOST_PROJECTS = 50;
/** Characters. */
const LONGEST = 4 * 2 ** 20;

/** The JSON that was noted; undefined: none, or none that can be read. */
export async function readRecord(kind: Kind, root: string): Promise<unknown> {
  if (isLeftAlone(kind)) return undefined;
  try {
    const text = readOwnFile(await fileOf(kind, root)) ?? '';
    return text.length > LONGEST ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param record what it is when the file is written, however many are written at once */
export async function writeRecord(kind: Kind, root: string, record: () => unknown): Promise<void> {
  if (isLeftAlone(kind)) return;
  const file = await fileOf(kind, root);
  replaceFile(file, JSON.stringify(record()), 0o600);
  forgetOldest(kind, join(file, '..'));
}

/** How tests go in an audit, and how many slots it has, is for no other run; and it is to see what a run sees that knows nothing. */
function isLeftAlone(kind: Kind): boolean {
  return process.env[AUDIT_VARIABLE] !== undefined && ['history', 'quiet', 'slots'].includes(kind);
}

function forgetOldest(kind: Kind, folder: string): void {
  const name = new RegExp(`^${kind}-[0-9a-f]{16}\\.json$`);
  const files = readdirSync(folder).filter((each) => name.test(each));
  if (files.length <= MOST_PROJECTS) return;
  const age = (file: string) => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = files.sort((one, other) => age(other) - age(one)).slice(MOST_PROJECTS);
  for (const file of oldest) rmSync(join(folder, file), { force: true });
}

async function fileOf(kind: Kind, root: string): Promise<string> {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(await cacheFolder(root), `${kind}-${name}.json`);
}
