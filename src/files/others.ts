// Whether somebody else may change what lies at a path: by writing there, or by exchanging a folder above it.
import { lstatSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Trusted {
  /** Who may change it, beside root. */
  readonly users: ReadonlySet<number | undefined>;
  readonly groups: ReadonlySet<number | undefined>;
}

/**
 * The folder at or above `folder` that somebody else may change, nearest the root; undefined: there is none.
 * @param folder without links: as `realpath` returns it
 * @param below neither this one is looked at nor what is above it
 */
export function changeableByOthers(folder: string, trusted: Trusted, below?: string): string | undefined {
  const parent = dirname(folder);
  const isTop = parent === folder || parent === below;
  const found = isTop ? undefined : changeableByOthers(parent, trusted, below);
  if (found !== undefined) return found;
  const { uid, gid, mode } = lstatSync(folder);
  const isTheirs = uid !== 0 && !trusted.users.has(uid) && !(uid === OVERFLOW && isUserNamespace());
  // In a sticky folder nobody may exchange what is another's, and whose each is is looked at.
  const isSticky = (mode & 0o1000) !== 0;
  const writable = (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== 0 && !trusted.groups.has(gid));
  return isTheirs || (writable && !isSticky) ? folder : undefined;
}

/** The permission bits of `path` itself; 0: there is nothing. */
export function modeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}

/** What the kernel calls the owner of what belongs to nobody of this user namespace. */
const OVERFLOW = 65534;

/** There the machine's root, who owns the folders at the top, has no number. */
function isUserNamespace(): boolean {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return false; // not Linux
  }
}
