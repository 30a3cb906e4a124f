// Reads a small file of ours from a place where somebody else could have put another.
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

/** Undefined: there is none, or something else than a plain file of one of `owners`, which is none of ours. */
export function readOwnFile(
  path: string,
  owners: readonly (number | undefined)[] = [process.geteuid?.()],
): string | undefined {
  let file: number;
  try {
    // Neither a link is followed, nor a pipe waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (NOT_OURS.has(code)) return undefined;
    throw error;
  }
  try {
    const stats = fstatSync(file);
    return stats.isFile() && owners.includes(stats.uid) ? readFileSync(file, 'utf8') : undefined;
  } finally {
    closeSync(file);
  }
}

/** No such file; a link; a socket; not ours to read. */
const NOT_OURS = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES']);
