// A run's private folder (0700): its journal, its sockets and logs. Made first and removed last.
import { lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Made where the path of a Unix socket in it stays under 104 bytes, macOS's limit. */
export function makeRunFolder(key: string): string {
  const fits = (base: string) => Buffer.byteLength(join(base, `stk-${key}-XXXXXX`, 'lease.sock')) < 104;
  return mkdtempSync(join(fits(tmpdir()) ? tmpdir() : '/tmp', `stk-${key}-`));
}

const NAME = /^stk-[0-9a-f]{10}-[A-Za-z0-9]{6}$/;

/** The folders of this user's runs, living or dead. */
export function findRunFolders(): string[] {
  return entriesOf([tmpdir(), '/tmp'], NAME).filter(isRunFolder);
}

/** Whether it is one by its name, and this user's only: what another made, or could have changed, is none of ours. */
export function isRunFolder(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  const isOurs = stats?.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  return isOurs === true && NAME.test(basename(folder));
}

/** The paths of what stands in `bases` under a name like `pattern`. */
export function entriesOf(bases: readonly string[], pattern: RegExp): string[] {
  return [...new Set(bases)].flatMap((base) => {
    return namesIn(base)
      .filter((name) => pattern.test(name))
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
