// What takes long to make, and is the same for all tests, is made once in a whole run of them: the next ones copy it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** `links`: files that nobody changes share their blocks. */
export type CopyKind = 'copies' | 'links';

/** Fills the empty `folder` by `make`, or as the first who asked for `name` did. */
export async function madeOnce(name: string, folder: string, kind: CopyKind, make: () => Promise<void>): Promise<void> {
  const { E2E_MADE_ONCE: all } = process.env; // set for a whole run, which removes it
  if (all === undefined) return make();
  const kept = join(all, name);
  if (existsSync(kept)) return copy(kept, folder, kind);
  await make();
  const mine = `${kept}-${process.pid}`;
  await copy(folder, mine, kind);
  await rename(mine, kept).catch(() => rm(mine, { recursive: true })); // another was faster
}

async function copy(from: string, to: string, kind: CopyKind): Promise<void> {
  const how = kind === 'links' ? ['-al'] : ['-a', '--reflink=auto'];
  await promisify(execFile)('cp', [...how, '--no-target-directory', from, to]);
}
