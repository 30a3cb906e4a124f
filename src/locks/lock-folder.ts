// Where the lock service of this user listens.
import { rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StacksError } from '../errors.ts';
import { becomeOnly } from '../machine/only-one.ts';
import { ensureOwnFolder, ownFolder } from '../machine/own-folder.ts';
import { WIRE_VERSION } from './wire.ts';

/** The same for all runs of a user, whatever their TMPDIR. */
export function lockFolder(): string {
  return ownFolder('locks');
}

export function lockSocket(folder: string): string {
  return join(folder, `${WIRE_VERSION}.sock`);
}

/** Makes the folder where it is missing. Throws where it is another user's, or others may write in it. */
export function ensureLockFolder(folder: string): void {
  const unusable = ensureOwnFolder(folder);
  if (!unusable) return;
  const { why, cause } = unusable;
  throw new StacksError('LOCK_UNAVAILABLE', `the folder of the lock service, ${folder}, cannot be used: ${why}.`, {
    hint: `remove it if it is yours: \`rm -r ${folder}\`; else its owner has to.`,
    cause,
  });
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

/** Makes this process the only service of `folder`, for as long as it lives. False: another one is. */
export async function becomeOnlyService(folder: string): Promise<boolean> {
  return (await becomeOnly(lockSocket(folder))) !== undefined;
}
