// Writes a file by one rename: whoever reads the one before has all of it, and a link that stands there is not followed.
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** @param mode as of a file that did not exist */
export function replaceFile(file: string, text: string, mode = 0o666): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode });
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}
