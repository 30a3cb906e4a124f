// Where the lock service of this user listens, and what makes it the only one.
import { constants, lstatSync, mkdirSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { StacksError } from '../errors.ts';
import { WIRE_VERSION } from './wire.ts';

/** The same for all runs of a user, whatever their TMPDIR. */
export function lockFolder(): string {
  return `/tmp/playwright-stacks-locks-${process.geteuid?.()}`;
}

export function lockSocket(folder: string): string {
  return join(folder, `${WIRE_VERSION}.sock`);
}

/** Makes the folder where it is missing. Throws where it is another user's, or others may write in it. */
export function ensureLockFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(folder, 'it cannot be made', error);
  }
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  // A service that ended has removed it in between.
  if (!stats) {
    ensureLockFolder(folder);
    return;
  }
  if (!stats.isDirectory()) throw unusable(folder, 'it is not a folder');
  if (stats.uid !== process.geteuid?.()) throw unusable(folder, `it belongs to user ${stats.uid}`);
  if ((stats.mode & 0o077) !== 0) throw unusable(folder, 'other users may enter it');
}

/** Removes what a service leaves, its own folder included where nothing else is in it. */
export function removeLockFolder(folder: string): void {
  rmSync(lockSocket(folder), { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Another version's socket is in it, or the next service has begun.
  }
}

/**
 * Makes this process the only service of `folder`, for as long as it lives: the kernel frees it, so nothing is ever
 * stale. False: another one is.
 */
export async function becomeOnlyService(folder: string): Promise<boolean> {
  if (process.platform === 'darwin') return openExclusively(join(folder, `${WIRE_VERSION}.lock`));
  const server = createServer().unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    // A name of Linux's abstract namespace: no file.
    server.listen(`\0${lockSocket(folder)}`, () => resolve(true));
  });
}

/** open(2) of macOS: O_EXLOCK, which goes with the process. */
function openExclusively(path: string): boolean {
  try {
    openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | 0x20, 0o600);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
    throw error;
  }
}

function unusable(folder: string, why: string, cause?: unknown): StacksError {
  return new StacksError('LOCK_UNAVAILABLE', `the folder of the lock service, ${folder}, cannot be used: ${why}.`, {
    hint: `remove it if it is yours: \`rm -r ${folder}\`; else its owner has to.`,
    cause,
  });
}
