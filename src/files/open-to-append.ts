// Opens files that are appended to: never one that somebody else has put in its place, nor what a link of theirs leads to.
import { closeSync, constants, fstatSync, lstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;

/**
 * The file's descriptor; where there is none it is made, for its owner only. What is there, and what a link leads to, must be
 * ours or the owner's of its folder, as a project's may be another user than its container's. Throws where it is not.
 */
export function openToAppend(path: string): number {
  const owners = [process.geteuid?.(), statSync(dirname(path)).uid];
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !owners.includes(found.uid)) throw notOurs(path);
  const follow = found?.isSymbolicLink() ? 0 : O_NOFOLLOW;
  const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | follow, 0o600);
  const opened = fstatSync(file);
  // By another name it may be any file of ours.
  if (owners.includes(opened.uid) && !(opened.isFile() && opened.nlink > 1)) return file;
  closeSync(file);
  throw notOurs(path);
}

function notOurs(path: string): Error {
  return new Error(`what is at ${path} belongs to another user, or has another name as well`);
}
