// The part of the cache that is one user's: of what lies there, only what this user has put there is ever used or removed.
// cache/uid-<uid>/{clusters, kept, binaries}
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StacksError } from '../../errors.ts';
import { identityOf } from '../../files/identity.ts';
import { modeOf } from '../../files/others.ts';
import { makePrivateFolder } from '../../files/private-folder.ts';
import { readOwnFile } from '../../files/read-file.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import { ENTERED_BY_POSTGRES, postgresUser } from './postgres-user.ts';

/** `binaries` is what Postgres's user has to get at; of the others it gets copies. */
type CacheSection = 'clusters' | 'kept' | 'binaries';

/** The name of the part of the user who runs this. */
function ownCacheName(): string {
  return `uid-${process.geteuid?.()}`;
}

/** Returns the folder of that kind in `cache`, which exists; makes it where it is missing. */
export async function openCacheSection(cache: string, name: CacheSection): Promise<string> {
  const own = join(cache, ownCacheName());
  if (!isOurs(own)) {
    await make(cache, own);
    if (!isOurs(own)) throw notOurs(own);
  }
  const section = join(own, name);
  await mkdir(section, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (postgresUser() && name === 'binaries') await chmod(section, 0o755);
  return section;
}

/** With its mark under a temporary name first, so that nobody sees it without. */
async function make(cache: string, own: string): Promise<void> {
  const { path, identity } = makePrivateFolder(cache, `.${ownCacheName()}-`, ENTERED_BY_POSTGRES);
  await writeFile(join(path, MARK), 'This folder was made by playwright-stacks, which removes from it what is old.\n');
  await rename(path, own).catch(() => removeFolder(path, identity)); // something is there
}

const MARK = 'MADE_BY_PLAYWRIGHT_STACKS';

function isOurs(own: string): boolean {
  const isOnlyOurs = identityOf(own)?.owner === process.geteuid?.() && (modeOf(own) & 0o022) === 0;
  return isOnlyOurs && readOwnFile(join(own, MARK)) !== undefined;
}

function notOurs(folder: string): StacksError {
  return new StacksError('POSTGRES_FAILED', `the cache folder ${folder} cannot be used.`, {
    facts: { reason: 'it is not a folder that we have made and that only we may write' },
    hint: 'remove it, or set STACKS_CACHE to a folder of your own.',
  });
}
