// Links in a copy that lead out of it: `../../node_modules/pg`, which is another file as seen from where the copy is.
import { readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';

/**
 * Has the relative links below `to` lead where those of `from` do. Those that lead to what is copied too lead to its copy.
 * @param copied all that is copied, each at the same place as seen from another
 */
export function leadLinks(from: string, to: string, copied: readonly string[]): void {
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const there = readlinkSync(link);
    if (isAbsolute(there)) continue;
    const target = resolve(dirname(join(from, relative(to, link))), there);
    if (copied.some((path) => isWithin(path, target))) continue;
    rmSync(link);
    symlinkSync(target, link);
  }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way);
}
