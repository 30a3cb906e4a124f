// Folders that several runs share: made under a temporary name, published by one rename, so that nobody sees half of one.
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, StacksError } from '../../errors.ts';
import { postgresUser } from './postgres-user.ts';

const TEMPORARY = '.tmp-';
const TEMPORARY_LASTS = 60 * 60_000;

/** Lets `make` fill a new folder and publishes it as `shelf/name`; 'present': another was quicker, ours is gone. */
export async function publishFolder(
  shelf: string,
  name: string,
  make: (folder: string) => Promise<void>,
): Promise<'published' | 'present'> {
  const folder = join(shelf, temporaryName());
  await makeOwnFolder(folder);
  try {
    await make(folder);
    await rename(folder, join(shelf, name));
    return 'published';
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return 'present';
    throw error;
  }
}

/** Makes a folder that belongs to Postgres's user and that no one else may enter. */
export async function makeOwnFolder(folder: string): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  const user = postgresUser();
  if (!user) return;
  await chown(folder, user.uid, user.gid).catch((cause) => {
    throw new StacksError(
      'POSTGRES_FAILED',
      `${folder} cannot be given to uid ${user.uid}, as whom Postgres has to run.`,
      {
        facts: { reason: messageOf(cause) },
        hint: 'run as another user than root, or set `database.url` to a server of your own.',
        cause,
      },
    );
  });
}

/** Removes a published folder; the rename comes first, so that no one who copies it takes a part for the whole. */
export async function discardFolder(shelf: string, name: string): Promise<void> {
  const trash = join(shelf, temporaryName());
  try {
    await rename(join(shelf, name), trash);
  } catch {
    return; // another run removed it
  }
  await rm(trash, { recursive: true, force: true });
}

/** Removes what runs that were killed left half-made. Age decides: the maker may live in another container. */
export async function removeLeftovers(shelf: string): Promise<void> {
  for (const name of await readdir(shelf)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const made = await stat(join(shelf, name)).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(), // gone in the meantime
    );
    if (Date.now() - made > TEMPORARY_LASTS) await rm(join(shelf, name), { recursive: true, force: true });
  }
}

function temporaryName(): string {
  return `${TEMPORARY}${randomBytes(6).toString('hex')}`;
}
