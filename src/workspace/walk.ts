// All that is in a folder. git lists less: no file of its own in a folder below, and nothing in a submodule's.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Found {
  /** The folder itself among them; one comes before what is in it. */
  readonly folders: readonly string[];
  /** All that are no folders. */
  readonly files: readonly string[];
}

/** Follows no link. Leaves out the entry of `root` that is called `except`. */
export function walk(root: string, except?: string): Found {
  const folders: string[] = [root];
  const files: string[] = [];
  for (let at = 0; at < folders.length; at += 1) {
    const folder = folders[at] ?? root;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (folder === root && entry.name === except) continue;
      (entry.isDirectory() ? folders : files).push(join(folder, entry.name));
    }
  }
  return { folders, files };
}
