// A run's private folder (0700): its journal, its sockets and logs. Made first and removed last.
import { lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made where the path of a Unix socket in it stays under 104 bytes, macOS's limit. */
export function makeRunFolder(key: string): string {
  const fits = (base: string) => Buffer.byteLength(join(base, `stk-${key}-XXXXXX`, 'lease.sock')) < 104;
  return mkdtempSync(join(fits(tmpdir()) ? tmpdir() : '/tmp', `stk-${key}-`));
}

/** The folders of this user's runs, living or dead. What another user made, or could have changed, is none of ours. */
export function findRunFolders(): string[] {
  const folders = entriesOf([tmpdir(), '/tmp'], /^stk-[0-9a-f]{10}-[A-Za-z0-9]{6}$/);
  return folders.filter((folder) => {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    return stats?.isDirectory() && stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  });
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
