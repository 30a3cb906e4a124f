// Files as they were at a moment: copies in a folder of ours, by the path at which they were.
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { statOf } from './file-state.ts';

/** What was at a path. `tracked`: what git checks out there. */
export type Saved =
  | { readonly type: 'absent' | 'folder' | 'tracked' }
  | { readonly type: 'file'; readonly copy: string; readonly mtime: number }
  | { readonly type: 'link'; readonly target: string };

export type SavedFiles = Map<string, Saved>;

/** @param copy where a file is copied to */
export function save(path: string, copy: string): Saved {
  const stats = statOf(path);
  if (!stats) return { type: 'absent' };
  if (stats.isDirectory()) return { type: 'folder' };
  if (stats.isSymbolicLink()) return { type: 'link', target: readlinkSync(path) };
  // A socket or a pipe is its server's, which makes it anew.
  if (!stats.isFile()) return { type: 'absent' };
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  // Of an index git takes what was changed in the second before it for changed: not later than it was.
  const mtime = basename(path) === 'index' ? Math.floor(Number(stats.mtimeMs) / 1000) : Number(stats.mtimeMs) / 1000;
  return { type: 'file', copy, mtime };
}

/** Nothing, or a file or link, is at `path` now. Writes into a file that is there: a server may have it open. */
export function putBack(path: string, saved: Extract<Saved, { type: 'file' | 'link' }>): void {
  const found = statOf(path);
  if (saved.type === 'link') {
    if (found) unlinkSync(path);
    symlinkSync(saved.target, path);
    return;
  }
  // Another name of the file would get what is written.
  if (found && (!found.isFile() || found.nlink > 1n)) unlinkSync(path);
  copyFileSync(saved.copy, path);
  const mode = lstatSync(saved.copy).mode;
  chmodAs(path, mode);
  utimesSync(path, saved.mtime, saved.mtime);
}

function chmodAs(path: string, mode: number): void {
  if ((lstatSync(path).mode & 0o7777) !== (mode & 0o7777)) chmodSync(path, mode & 0o7777);
}

/** In `folder`, by the names of its files. */
export function copyPath(folder: string, root: string, path: string): string {
  return join(folder, path.slice(root.length + 1));
}
