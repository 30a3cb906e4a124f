// What hooks and worker fixtures wrote into a worktree, taken along to the fresh one in its place.
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Saved, SavedFiles } from './saved.ts';

/** Bytes of files. More are not taken along: a worker holds them meanwhile. */
const MOST_BYTES = 64 * 2 ** 20;

/** A copy that is no file of the old worktree's any more. */
type Carried =
  | Exclude<Saved, { type: 'file' }>
  | { readonly type: 'file'; readonly content: Buffer; readonly mode: number; readonly mtime: number };

export type CarriedFiles = ReadonlyMap<string, Carried>;

/** Throws where there is too much, or the copies are gone. */
export function carry(files: SavedFiles): CarriedFiles {
  let left = MOST_BYTES;
  return new Map(
    [...files].map(([path, saved]): [string, Carried] => {
      if (saved.type !== 'file') return [path, saved];
      const { size, mode } = lstatSync(saved.copy);
      left -= size;
      if (left < 0) throw new Error('hooks or worker fixtures have written more than 64 MB');
      return [path, { type: 'file', content: readFileSync(saved.copy), mode, mtime: saved.mtime }];
    }),
  );
}

/** @param folder in which the copies are from now on */
export function unpack(files: CarriedFiles, folder: string): SavedFiles {
  mkdirSync(folder, { recursive: true });
  return new Map(
    [...files].map(([path, carried], index): [string, Saved] => {
      if (carried.type !== 'file') return [path, carried];
      const copy = join(folder, String(index));
      writeFileSync(copy, carried.content, { mode: carried.mode & 0o7777 });
      return [path, { type: 'file', copy, mtime: carried.mtime }];
    }),
  );
}
