// A folder of this user's under /tmp in which processes of all their runs meet, whatever their TMPDIR.
import { lstatSync, mkdirSync, type Stats } from 'node:fs';

/** Why a folder cannot be used. */
export interface Unusable {
  readonly why: string;
  readonly cause?: unknown;
}

export function ownFolder(name: string): string {
  return `/tmp/playwright-stacks-${name}-${process.geteuid?.()}`;
}

/** Makes the folder where it is missing. What is there under its name, and is another user's or open to others, is unusable. */
export function ensureOwnFolder(folder: string): Unusable | undefined {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') return { why: 'it cannot be made', cause };
  }
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  // Whoever used it last has removed it in between.
  return stats ? whyUnusable(stats) : ensureOwnFolder(folder);
}

/** Whether it is there, and usable. */
export function isOwnFolder(folder: string): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats !== undefined && whyUnusable(stats) === undefined;
}

function whyUnusable(stats: Stats): Unusable | undefined {
  if (!stats.isDirectory()) return { why: 'it is not a folder' };
  if (stats.uid !== process.geteuid?.()) return { why: `it belongs to user ${stats.uid}` };
  if ((stats.mode & 0o077) !== 0) return { why: 'other users may enter it' };
  return undefined;
}
