// Folders of ours in places where others may write, as /tmp and /dev/shm.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type Identity, identityOf } from './identity.ts';

export interface PrivateFolder {
  readonly path: string;
  readonly identity: Identity;
}

/** Makes a new folder in `base` that only we may enter. Its name cannot be taken before: it ends in random letters. */
export function makePrivateFolder(base: string, prefix: string): PrivateFolder {
  const path = mkdtempSync(join(base, prefix));
  const identity = identityOf(path);
  if (!identity || identity.owner !== process.geteuid?.()) throw new Error(`${path} was exchanged while it was made`);
  return { path, identity };
}
