// Worktrees of runs that have ended, and whose own folder, with the journal that notes them, somebody else has removed.
import { lstatSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { identityOf } from '../files/identity.ts';
import { readOwnFile } from '../files/read-file.ts';
import { runOfWorkspaces } from '../names.ts';
import { OWNER_FILE, removeWorkspaces } from '../workspace/remove.ts';
import { type Head, isRunning } from './journal.ts';
import type { Reaped } from './reap.ts';
import { entriesOf } from './run-folder.ts';

/** What the folder says of itself. */
interface Owner extends Head {
  /** The run's own folder. */
  readonly folder: string;
  /** The git folders of the user's repositories. */
  readonly users: readonly string[];
}

/** @param beingMade milliseconds after which a folder that says nothing of itself is not one that is being made */
export async function sweepWorkspaces(beingMade: number): Promise<Reaped[]> {
  const folders = entriesOf([tmpdir(), '/tmp'], (name) => runOfWorkspaces(name) !== undefined);
  return Promise.all(
    folders.map(async (folder): Promise<Reaped> => {
      try {
        return { removed: await sweepOne(folder, beingMade), failures: [] };
      } catch (error) {
        return { removed: [], failures: [`remove ${folder}: ${messageOf(error)}`] };
      }
    }),
  );
}

async function sweepOne(folder: string, beingMade: number): Promise<string[]> {
  const identity = identityOf(folder);
  const run = runOfWorkspaces(basename(folder));
  if (identity?.owner !== process.geteuid?.() || !identity || run === undefined) return [];
  const owner = ownerOf(folder, run);
  if (!owner) return removeEmpty(folder, beingMade) ? [folder] : [];
  if (identityOf(owner.folder) || isRunning(join(folder, OWNER_FILE), owner)) return [];
  const left = await removeWorkspaces({ run, folder, identity, users: owner.users });
  return left.length === 0 ? [folder] : [];
}

function ownerOf(folder: string, run: string): Owner | undefined {
  try {
    const owner = JSON.parse(readOwnFile(join(folder, OWNER_FILE)) ?? '');
    return owner.run === run && Array.isArray(owner.users) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** Its runner was killed before it could say whose it is, or it is a person's. */
function removeEmpty(folder: string, beingMade: number): boolean {
  if (Date.now() - lstatSync(folder).mtimeMs < beingMade) return false;
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false; // it is not empty
  }
}
