// Removes a folder that we made, and nothing else, whoever may put something in its place meanwhile: each folder is
// opened first, without following a link, and what it holds is removed through the open folder. Node has no `openat`; on
// Linux /proc/self/fd/<n>/<name> is the same.
import { closeSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { type Identity, identityOf, identityOfOpen, isSame, openFolder } from './identity.ts';

/** Somebody may still be writing there: how often it is tried, and the milliseconds between. */
const ATTEMPTS = 10;
const PAUSE_MS = 20;

/** `gone`: there is nothing of that name; `other`: something that is not the folder that was made, and that stays. */
export type Removal = 'removed' | 'gone' | 'other';

/** Removes the folder at `path` if it still is the one with that identity. */
export async function removeFolder(path: string, made: Identity): Promise<Removal> {
  if (process.platform !== 'linux') return removeByPath(path, made);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return removeNow(path, made);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!CHANGED.has(code) || attempt === ATTEMPTS) throw error;
      await delay(PAUSE_MS);
    }
  }
}

/** Something was put into a folder that we had emptied, or a link in its place. */
const CHANGED = new Set(['ENOTEMPTY', 'ENOTDIR']);

function removeNow(path: string, made: Identity): Removal {
  const folder = open(Buffer.from(path));
  if (folder === 'gone' || folder === 'other') return folder;
  try {
    if (!isSame(identityOfOpen(folder), made)) return 'other';
    empty(folder, made.device);
  } finally {
    closeSync(folder);
  }
  orGone(() => rmdirSync(path)); // Never follows a link, and takes nothing but an empty folder.
  return 'removed';
}

/** Between the look and the removal a folder could be exchanged by whoever may write beside it. */
async function removeByPath(path: string, made: Identity): Promise<Removal> {
  const found = identityOf(path);
  if (!found) return 'gone';
  if (!isSame(found, made)) return 'other';
  await rm(path, { recursive: true, force: true, maxRetries: ATTEMPTS, retryDelay: PAUSE_MS });
  return 'removed';
}

/** What the open `folder` holds, on the file system `device` only. */
function empty(folder: number, device: string): void {
  const here = `/proc/self/fd/${folder}/`;
  for (const entry of readdirSync(here, { withFileTypes: true, encoding: 'buffer' })) {
    const path = Buffer.concat([Buffer.from(here), entry.name]);
    const child = entry.isDirectory() ? open(path) : 'other';
    if (child === 'gone') continue;
    if (child === 'other') {
      orGone(() => unlinkSync(path));
      continue;
    }
    try {
      if (identityOfOpen(child).device !== device) throw new Error('another file system is mounted in it');
      empty(child, device);
    } finally {
      closeSync(child);
    }
    orGone(() => rmdirSync(path));
  }
}

function open(path: Buffer): number | 'gone' | 'other' {
  try {
    return openFolder(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'gone';
    if (code === 'ELOOP' || code === 'ENOTDIR') return 'other';
    throw error;
  }
}

/** Two sweeps at once remove the same. */
function orGone(remove: () => void): void {
  try {
    remove();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
