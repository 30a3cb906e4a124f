// At the start of a run: removes what dead runs of this user left on this machine. A living run is recognized by its runner's
// process; two sweeps at once, or a sweep and a reaper, do the same twice, which does no harm.
import { lstatSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Events } from '../events.ts';
import { type Identity, identityOf } from '../files/identity.ts';
import { readOwnFile } from '../files/read-file.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { runOfDataFolder } from '../names.ts';
import { withClient } from '../postgres/client/connection.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { OWNER_FILE } from '../postgres/embedded/data-folder.ts';
import { hasPostgres, removeDataFolder } from '../postgres/embedded/remove-data-folder.ts';
import { sweepDatabases } from '../postgres/existing/sweep-databases.ts';
import { startOf } from '../process/processes.ts';
import { within } from '../wait.ts';
import { sweepCommandFolders } from './command-folder.ts';
import { type Head, isRunning, journalFile, readJournal } from './journal.ts';
import { type Reaped, reap } from './reap.ts';
import { entriesOf, findRunFolders, identityOfRunFolder, isRunFolder } from './run-folder.ts';
import { sweepWorkspaces } from './sweep-workspaces.ts';

/** Milliseconds that a run waits at its beginning for a sweep. */
const SWEEP_TIMEOUT_MS = 5_000;
/** After which a folder without a journal, or without its run's folder, is not one that is being made. */
const BEING_MADE_MS = 10 * 60_000;
/** And after which what cannot be removed, as its server is gone, is no longer tried. */
const GIVEN_UP_AFTER_MS = 7 * 24 * 3_600_000;

/** What dead runs left may have processes, databases and memory that a run would find in its way. */
export function isSweepDue(): boolean {
  return findDead(findDataFolders()).length > 0;
}

export async function sweep(): Promise<Reaped> {
  const data = findDataFolders();
  const dead = findDead(data);
  const reaped = await Promise.all(dead.map(reapDead));
  const orphans = await Promise.all(data.map(removeOrphan));
  const all = [
    ...reaped,
    ...orphans,
    ...(await sweepWorkspaces(BEING_MADE_MS)),
    ...(await sweepCommandFolders(BEING_MADE_MS)),
  ];
  return { removed: all.flatMap(({ removed }) => removed), failures: all.flatMap(({ failures }) => failures) };
}

/** The same for the databases on an existing server, which runs of other machines may have left. */
export async function sweepServer(postgres: Pick<DatabaseServer, 'connect'>): Promise<Reaped> {
  return withClient(postgres.connect({ purpose: 'sweep' }), async (client) => {
    const { dropped, failures } = await sweepDatabases(client, 'drop');
    return { removed: dropped, failures };
  });
}

/** Sweeps, and tells what there was to do. What dead runs left is no reason for this one to fail. */
export async function emitSwept(sweeping: () => Promise<Reaped>, events: Events): Promise<void> {
  const failed = (error: unknown): Reaped => ({ removed: [], failures: [messageOf(error)] });
  const swept = await within(SWEEP_TIMEOUT_MS, 'sweep', sweeping).catch(failed);
  if (swept.removed.length + swept.failures.length > 0) events.emit({ type: 'swept', ...swept });
}

/** The folders of runs that have ended without removing them. */
function findDead(data: readonly DataFolder[]): string[] {
  // A run with another TMPDIR is found by its data in /dev/shm.
  const owners = data.flatMap(({ owner }) => (owner && isRunFolder(owner.folder) ? [owner.folder] : []));
  return [...new Set([...findRunFolders(), ...owners])].filter(isDead);
}

/** Whether the run of `folder` has ended without removing it. */
function isDead(folder: string): boolean {
  const journal = readJournal(folder);
  return journal ? !isRunning(journalFile(folder), journal) : ageOf(folder) > BEING_MADE_MS;
}

async function reapDead(folder: string): Promise<Reaped> {
  const age = ageOf(folder);
  const identity = identityOfRunFolder(folder);
  continueReaper(folder);
  const { removed, failures } = await reap(folder);
  if (!identityOf(folder)) return { removed: [...removed, folder], failures };
  if (failures.length > 0 && age > GIVEN_UP_AFTER_MS && identity) await removeFolder(folder, identity);
  return { removed, failures };
}

/** One that somebody has stopped would stay; it then does what we do, and ends. */
function continueReaper(folder: string): void {
  const reaper = readJournal(folder)?.open.find((entry) => entry.kind === 'reaper');
  if (!reaper || startOf(reaper.pid) !== reaper.started) return;
  try {
    process.kill(reaper.pid, 'SIGCONT');
  } catch {
    // It ended in between.
  }
}

interface DataFolder {
  readonly folder: string;
  readonly identity: Identity;
  /** Undefined: it is just being made, or removed. */
  readonly owner: (Head & { readonly folder: string }) | undefined;
}

/** Of this user, where `makeDataFolder` makes them. */
function findDataFolders(): DataFolder[] {
  const folders = entriesOf(['/dev/shm', tmpdir(), '/tmp'], (name) => runOfDataFolder(name) !== undefined);
  return folders.flatMap((folder) => {
    const identity = identityOf(folder);
    return identity?.owner === process.geteuid?.() && identity ? [{ folder, identity, owner: ownerOf(folder) }] : [];
  });
}

/** Removes the data of a run that has ended and whose own folder somebody else has removed. */
async function removeOrphan({ folder, identity, owner }: DataFolder): Promise<Reaped> {
  const nothing = { removed: [], failures: [] };
  try {
    if (owner === undefined) return removeEmpty(folder);
    if (identityOf(owner.folder) || isRunning(join(folder, OWNER_FILE), owner) || hasPostgres(folder)) return nothing;
    await removeDataFolder(folder, identity);
    return { removed: [folder], failures: [] };
  } catch (error) {
    return { removed: [], failures: [`remove ${folder}: ${messageOf(error)}`] };
  }
}

/** Nothing says whose it is: its runner was killed before it could, or it is a person's. */
function removeEmpty(folder: string): Reaped {
  if (ageOf(folder) < BEING_MADE_MS) return { removed: [], failures: [] };
  try {
    rmdirSync(folder);
    return { removed: [folder], failures: [] };
  } catch {
    return { removed: [], failures: [] }; // it is not empty
  }
}

function ownerOf(data: string): DataFolder['owner'] {
  try {
    const owner = JSON.parse(readOwnFile(join(data, OWNER_FILE)) ?? '');
    return owner.run === runOfDataFolder(basename(data)) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function ageOf(path: string): number {
  return Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}
