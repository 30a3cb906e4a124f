// Copies of git's index.
import { copyFileSync, statSync, utimesSync } from 'node:fs';

/** Not younger than it was: git would take what was written since for unchanged. */
export function copyIndex(from: string, to: string): void {
  const mtime = Math.floor(statSync(from).mtimeMs / 1000);
  copyFileSync(from, to);
  utimesSync(to, mtime, mtime);
}
