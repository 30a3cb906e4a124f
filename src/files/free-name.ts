// A name for a file that is to be made, beside those of earlier ones.
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** `<path>-1`, or with the next number of which there is no file, with or without an ending. */
export function freeName(path: string): string {
  const names = new Set(readdirSync(dirname(path)).map((name) => name.split('.')[0]));
  for (let number = 1; ; number += 1) if (!names.has(`${basename(path)}-${number}`)) return `${path}-${number}`;
}
