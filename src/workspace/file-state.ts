// What tells a file that nobody has touched from one that somebody has: what no program can set back, as ctime.
import { type BigIntStats, lstatSync } from 'node:fs';

export type FileState = string;

/** Of the path itself; undefined: there is nothing. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    // Above it there is a file now.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function stateOf({ ino, size, mtimeNs, ctimeNs, mode }: BigIntStats): FileState {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs} ${mode}`;
}

/** False: there is nothing under this name, which may stand for one that is not UTF-8. */
export function isReadable(path: string): boolean {
  return !path.includes('\uFFFD') || statOf(path) !== undefined;
}

/** Whether it is a file that has more than one name. */
export function hasOtherNames(path: string): boolean {
  const stats = statOf(path);
  return stats?.isFile() === true && stats.nlink > 1n;
}

/** What tells a folder from one that was made in its place: an inode is given out again. */
export function folderIdentity(path: string): string {
  const { ino, birthtimeNs, ctimeNs } = statOf(path) ?? { ino: 0n, birthtimeNs: 0n, ctimeNs: 0n };
  // Where the time of its birth is not known Node has another in its place.
  return birthtimeNs === ctimeNs ? `${ino}` : `${ino} ${birthtimeNs}`;
}
