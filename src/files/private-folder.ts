// Folders of ours in places where others may write, as /tmp and /dev/shm.
import { closeSync, fchmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, identityOfOpen, openFolder } from './identity.ts';

export interface PrivateFolder {
  readonly path: string;
  readonly identity: Identity;
}

/**
 * Makes a new folder in `base` that only we may write. Its name cannot be taken before: it ends in random letters.
 * @param mode default: only we may enter it, too
 */
export function makePrivateFolder(base: string, prefix: string, mode = 0o700): PrivateFolder {
  const path = mkdtempSync(join(base, prefix));
  const folder = openFolder(path);
  try {
    const identity = identityOfOpen(folder);
    if (identity.owner !== process.geteuid?.()) throw new Error(`${path} was exchanged while it was made`);
    fchmodSync(folder, mode);
    return { path, identity };
  } finally {
    closeSync(folder);
  }
}
