// The temporary folder that a command (`audit`, `doctor --app`) has in common with the runs that it starts. Those who use it are
// named in it, the command first. With the command its runs end, and when none of them runs any more a sweep removes the folder.
import { appendFileSync, lstatSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { type Identity, identityOf } from '../files/identity.ts';
import { modeOf } from '../files/others.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import { readOwnFile } from '../files/read-file.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { commandFolderPrefix, isCommandFolder } from '../names.ts';
import { isRunning, type Runner, thisRunner } from './journal.ts';
import type { Reaped } from './reap.ts';
import { entriesOf } from './run-folder.ts';

const LOOK_INTERVAL_MS = 1_000;

export function makeCommandFolder(command: 'audit' | 'doctor'): string {
  const { path } = makePrivateFolder(tmpdir(), commandFolderPrefix(command));
  noteUser(path);
  return path;
}

/** In the runner of a run that a command has started. @param end is called, once, when the command has ended */
export function useCommandFolder(folder: string, end: () => void): void {
  noteUser(folder);
  const timer = setInterval(() => {
    if (mayCommandRun(folder)) return;
    clearInterval(timer);
    end();
  }, LOOK_INTERVAL_MS).unref();
}

/** What cannot be read now says nothing: the run is the user's, and goes on. */
function mayCommandRun(folder: string): boolean {
  try {
    const [command] = usersOf(folder);
    return command !== undefined && isRunning(usersFile(folder), command);
  } catch {
    return true;
  }
}

/** @param beingMade milliseconds after which a folder that names no user is not one that is being made */
export async function sweepCommandFolders(beingMade: number): Promise<Reaped[]> {
  const folders = entriesOf([tmpdir(), '/tmp'], isCommandFolder);
  return Promise.all(
    folders.map(async (folder): Promise<Reaped> => {
      try {
        return { removed: (await sweepOne(folder, beingMade)) ? [folder] : [], failures: [] };
      } catch (error) {
        return { removed: [], failures: [`remove ${folder}: ${messageOf(error)}`] };
      }
    }),
  );
}

async function sweepOne(folder: string, beingMade: number): Promise<boolean> {
  const identity = ownIdentityOf(folder);
  if (!identity) return false;
  const users = usersOf(folder);
  if (users.length === 0) return removeEmpty(folder, beingMade);
  if (users.some((user) => isRunning(usersFile(folder), user))) return false;
  return (await removeFolder(folder, identity)) === 'removed';
}

/** Undefined: another user made it, or could have changed it. */
function ownIdentityOf(folder: string): Identity | undefined {
  const identity = identityOf(folder);
  return identity?.owner === process.geteuid?.() && (modeOf(folder) & 0o077) === 0 ? identity : undefined;
}

/** Its command was killed before it could say whose it is, or it is a person's. */
function removeEmpty(folder: string, beingMade: number): boolean {
  if (Date.now() - lstatSync(folder).mtimeMs < beingMade) return false;
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false; // it is not empty
  }
}

/** Also begins with the end of a line: what was there may have been cut short by a full disk. */
function noteUser(folder: string): void {
  appendFileSync(usersFile(folder), `\n${JSON.stringify(thisRunner())}\n`, { mode: 0o600 });
}

function usersOf(folder: string): Runner[] {
  return (readOwnFile(usersFile(folder)) ?? '').split('\n').flatMap(parse);
}

/** None for a line that was cut short: who wrote it has ended. */
function parse(line: string): Runner[] {
  try {
    const user = JSON.parse(line || 'null');
    return typeof user?.machine === 'string' ? [user] : [];
  } catch {
    return [];
  }
}

function usersFile(folder: string): string {
  return join(folder, 'users.ndjson');
}
