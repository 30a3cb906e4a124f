// Folders that several runs share: made under a temporary name, published by one rename, so that nobody sees half of one.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { identityOf } from '../../files/identity.ts';
import { removeFolder } from '../../files/remove-folder.ts';

const TEMPORARY = /^\.tmp-[0-9a-f]{12}$/;
const TEMPORARY_LASTS_MS = 60 * 60_000;

/** Lets `make` fill a new folder and publishes it as `section/name`; 'present': another was quicker, ours is gone. */
export async function publishFolder(
  section: string,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<'published' | 'present'> {
  const folder = join(section, temporaryName());
  await mkdir(folder);
  try {
    await make(folder);
    await rename(folder, join(section, name));
    return 'published';
  } catch (error) {
    await remove(folder);
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return 'present';
    throw error;
  }
}

/** Removes a published folder; the rename comes first, so that no one who copies it takes a part for the whole. */
export async function discardFolder(section: string, name: string): Promise<void> {
  const trash = join(section, temporaryName());
  try {
    await rename(join(section, name), trash);
  } catch {
    return; // another run removed it
  }
  await remove(trash);
}

/** Removes what runs that were killed left half-made. Age decides: the maker may live in another container. */
export async function removeLeftovers(section: string): Promise<void> {
  for (const name of await readdir(section)) {
    if (!TEMPORARY.test(name)) continue;
    const made = await stat(join(section, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(), // gone in the meantime
    );
    if (Date.now() - made > TEMPORARY_LASTS_MS) await remove(join(section, name));
  }
}

async function remove(folder: string): Promise<void> {
  const identity = identityOf(folder);
  if (identity) await removeFolder(folder, identity);
}

function temporaryName(): string {
  return `.tmp-${randomBytes(6).toString('hex')}`;
}
