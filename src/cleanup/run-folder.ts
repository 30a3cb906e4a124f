// A run's private folder (0700): its journal, its sockets and logs. Made first and removed last.
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Identity, identityOf } from '../files/identity.ts';
import { modeOf } from '../files/others.ts';
import { makePrivateFolder, type PrivateFolder } from '../files/private-folder.ts';
import { runFolderPrefix, runOfFolder } from '../names.ts';

/** Made where the path of a Unix socket in it stays under 104 bytes, macOS's limit. */
export function makeRunFolder(key: string): PrivateFolder {
  const prefix = runFolderPrefix(key);
  const fits = (base: string) => Buffer.byteLength(join(base, `${prefix}XXXXXX`, 'lease.sock')) < 104;
  return makePrivateFolder(fits(tmpdir()) ? tmpdir() : '/tmp', prefix);
}

/** The folders that may be those of this user's runs, living or dead: their journal says whether they are. */
export function findRunFolders(): string[] {
  return entriesOf([tmpdir(), '/tmp'], (name) => runOfFolder(name) !== undefined).filter(isRunFolder);
}

export function isRunFolder(folder: string): boolean {
  return identityOfRunFolder(folder) !== undefined;
}

/** Undefined: it is none by its name, or another user made it or could have changed it. */
export function identityOfRunFolder(folder: string): Identity | undefined {
  const identity = identityOf(folder);
  const isOurs = identity?.owner === process.geteuid?.() && runOfFolder(basename(folder)) !== undefined;
  return isOurs && (modeOf(folder) & 0o077) === 0 ? identity : undefined;
}

/** The paths of what is in `bases` under a name that `isWanted`. */
export function entriesOf(bases: readonly string[], isWanted: (name: string) => boolean): string[] {
  return [...new Set(bases)].flatMap((base) => {
    return namesIn(base)
      .filter(isWanted)
      .map((name) => join(base, name));
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // TMPDIR may name a folder that does not exist; macOS has no /dev/shm.
  }
}
