// At the start of a run: removes what dead runs of this user left on this machine. A living run is told by its runner's
// process; two sweeps at once, or a sweep and a reaper, do the same twice, which does no harm.
import { lstatSync, rmSync, type Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Events } from '../events.ts';
import { within } from '../lifetime.ts';
import { withClient } from '../postgres/client/connection.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { OWNER_LINK } from '../postgres/embedded/data-folder.ts';
import { postgresUid } from '../postgres/embedded/postgres-user.ts';
import { hasPostgres, removeDataFolder } from '../postgres/embedded/remove-data-folder.ts';
import { sweepDatabases } from '../postgres/existing/sweep-databases.ts';
import { startOf } from '../process/processes.ts';
import { isRunning, readJournal } from './journal.ts';
import { type Reaped, reap } from './reap.ts';
import { entriesOf, findRunFolders, isRunFolder } from './run-folder.ts';

/** Milliseconds that a run waits at its beginning for a sweep. */
const DEADLINE = 5_000;
/** After which a folder without a journal, or without its run's folder, is not one that is being made. */
const BEING_MADE = 10 * 60_000;
/** And after which what cannot be removed, as its server is gone, is no longer tried. */
const GIVEN_UP = 7 * 24 * 3_600_000;

export async function sweep(): Promise<Reaped> {
  const data = await Promise.all(dataFolders().map(async (folder) => ({ folder, owner: await ownerOf(folder) })));
  // A run with another TMPDIR is found by its data in /dev/shm.
  const owners = data.flatMap(({ owner }) => (owner !== undefined && isRunFolder(owner) ? [owner] : []));
  const dead = [...new Set([...findRunFolders(), ...owners])].filter(isDead);
  const reaped = await Promise.all(dead.map(reapDead));
  const orphans = await Promise.all(data.map(({ folder, owner }) => removeOrphan(folder, owner)));
  const all = [...reaped, ...orphans];
  return { removed: all.flatMap(({ removed }) => removed), failures: all.flatMap(({ failures }) => failures) };
}

/** The same for the databases on an existing server, which runs of other machines may have left. */
export async function sweepServer(postgres: Pick<DatabaseServer, 'connect'>): Promise<Reaped> {
  const removed = await withClient(postgres.connect({ purpose: 'sweep' }), (client) => sweepDatabases(client, 'drop'));
  return { removed, failures: [] };
}

/** Sweeps, and tells what there was to do. What dead runs left is no reason for this one to fail. */
export async function tellSwept(sweeping: () => Promise<Reaped>, events: Events): Promise<void> {
  const failed = (error: unknown): Reaped => ({ removed: [], failures: [messageOf(error)] });
  const swept = await within(DEADLINE, 'sweep', sweeping).catch(failed);
  if (swept.removed.length + swept.failures.length > 0) events.emit({ type: 'swept', ...swept });
}

/** Whether the run of `folder` has ended without removing it. */
function isDead(folder: string): boolean {
  const journal = readJournal(folder);
  return journal ? !isRunning(folder, journal) : ageOf(folder) > BEING_MADE;
}

async function reapDead(folder: string): Promise<Reaped> {
  const age = ageOf(folder);
  continueReaper(folder);
  const { removed, failures } = await reap(folder);
  if (failures.length === 0) return { removed: [...removed, folder], failures };
  if (age > GIVEN_UP) rmSync(folder, { recursive: true, force: true });
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

/** Where `makeDataFolder` makes them. */
function dataFolders(): string[] {
  const folders = entriesOf(['/dev/shm', tmpdir(), '/tmp'], /^stk-[0-9a-f]{10}-pg$/);
  const users = [process.getuid?.(), postgresUid()];
  return folders.filter((folder) => users.includes(statOf(folder)?.uid));
}

/** Removes the data of a run whose own folder somebody else has removed. */
async function removeOrphan(folder: string, owner: string | undefined): Promise<Reaped> {
  try {
    const owned = owner !== undefined && statOf(owner) !== undefined;
    if (owned || ageOf(folder) < BEING_MADE || (await hasPostgres(folder))) return { removed: [], failures: [] };
    await removeDataFolder(folder);
    return { removed: [folder], failures: [] };
  } catch (error) {
    return { removed: [], failures: [`remove ${folder}: ${messageOf(error)}`] };
  }
}

async function ownerOf(data: string): Promise<string | undefined> {
  return readlink(join(data, OWNER_LINK)).catch(() => undefined); // it is just being made, or removed
}

function ageOf(path: string): number {
  return Date.now() - (statOf(path)?.mtimeMs ?? Date.now());
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
