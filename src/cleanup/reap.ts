// Removes everything of a run whose runner is gone, by its journal: processes and databases, then folders, the run's own
// last. What cannot be removed stays noted there, for the next sweep, with a log that says why.
import { appendFileSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../errors.ts';
import { removeFolder } from '../files/remove-folder.ts';
import { RUN_FILE, RUN_FILE_VARIABLE } from '../lease/run-file.ts';
import { runOfCopiesFolder, runOfDataFolder, runOfWorkspaces } from '../names.ts';
import { OWNER_FILE } from '../postgres/embedded/data-folder.ts';
import { removeDataFolder } from '../postgres/embedded/remove-data-folder.ts';
import { machine } from '../process/processes.ts';
import { endRunProcesses } from '../process/run-processes.ts';
import { within } from '../wait.ts';
import { removeWorkspaces } from '../workspace/remove.ts';
import { type Entry, type Journal, journalFile, readJournal, touch } from './journal.ts';
import { identityOfRunFolder } from './run-folder.ts';

/** What was done, and what could not be: for a person to read. */
export interface Reaped {
  readonly removed: readonly string[];
  readonly failures: readonly string[];
}

/** Milliseconds that each part may take. */
const PART_TIMEOUT_MS = 15_000;

export async function reap(folder: string): Promise<Reaped> {
  const identity = identityOfRunFolder(folder);
  if (!identity) return { removed: [], failures: [] };
  const journal = readJournal(folder);
  if (!journal) return removeUnused(folder);
  const { run, open } = journal;
  const removed: string[] = [];
  const failures: string[] = [];
  const attempt = (title: string, work: () => Promise<readonly string[]>): Promise<void> =>
    within(PART_TIMEOUT_MS, title, work).then(
      (done) => void removed.push(...done),
      (error) => void failures.push(`${title}: ${messageOf(error)}`),
    );

  await Promise.all([
    attempt('end the processes', () => endProcesses(folder, journal)),
    ...ofKind(open, 'server').map(({ url }) => attempt('drop the databases', () => dropDatabases(url, run))),
  ]);
  for (const data of ofKind(open, 'data')) {
    await attempt(`remove ${data.folder}`, async () => {
      if (runOfDataFolder(basename(data.folder)) !== run) throw new Error('it is not named like data of this run');
      await removeDataFolder(data.folder, data.identity);
      return [data.folder];
    });
  }
  for (const copies of ofKind(open, 'copies')) {
    await attempt(`remove ${copies.folder}`, async () => {
      if (runOfCopiesFolder(basename(copies.folder)) !== run)
        throw new Error('it is not named like copies of this run');
      const removal = await removeFolder(copies.folder, copies.identity);
      return removal === 'removed' ? [copies.folder] : [];
    });
  }
  for (const { folder: worktrees, identity: made, users } of ofKind(open, 'workspaces')) {
    await attempt(`remove ${worktrees}`, async () => {
      if (runOfWorkspaces(basename(worktrees)) !== run) throw new Error('it is not named like worktrees of this run');
      await removeWorkspaces({ run, folder: worktrees, identity: made, users });
      return [worktrees];
    });
  }
  if (failures.length === 0) await removeFolder(folder, identity);
  else
    appendFileSync(reaperLog(folder), failures.map((failure) => `${new Date().toISOString()} ${failure}\n`).join(''));
  return { removed, failures };
}

/** Whose runner was killed before it could begin the journal, or had no room to. Anything else is a person's. */
function removeUnused(folder: string): Reaped {
  const names = readdirSync(folder);
  if (names.some((name) => name !== basename(journalFile(folder)))) return { removed: [], failures: [] };
  for (const name of names) unlinkSync(join(folder, name));
  rmdirSync(folder);
  return { removed: [], failures: [] };
}

/** Says to those who cannot see the runner's process that it lives. */
export function touchRun(folder: string): void {
  touch(journalFile(folder));
  const open = readJournal(folder)?.open ?? [];
  // Both kinds say whose they are in a file of the same name.
  for (const made of [...ofKind(open, 'data'), ...ofKind(open, 'workspaces')]) touch(join(made.folder, OWNER_FILE));
}

/** Where it stands why something of the run in `folder` is still there. */
export function reaperLog(folder: string): string {
  return join(folder, 'reaper.log');
}

/** After a clean end, too: a daemon that left its session is in nobody's hands. The workers are done then. */
async function endProcesses(folder: string, { run, started, machine: at, open, state }: Journal): Promise<string[]> {
  if (at !== machine()) return []; // Its pids mean other processes here.
  const workerMark = state === 'open' ? `${RUN_FILE_VARIABLE}=${join(folder, RUN_FILE)}` : undefined;
  const ended = await endRunProcesses({ run, since: started, leaders: ofKind(open, 'group'), workerMark });
  const programs = [...new Set(ended)].sort().join(', ');
  return ended.length === 0 ? [] : [`${ended.length} ${ended.length === 1 ? 'process' : 'processes'} (${programs})`];
}

/** Loads `pg` when it is needed: few runs leave databases to the reaper, which starts while the run has much else to start. */
async function dropDatabases(url: string, run: string): Promise<readonly string[]> {
  const { dropRun } = await import('../postgres/existing/drop-run.ts');
  return dropRun(url, run);
}

function ofKind<Kind extends Entry['kind']>(open: readonly Entry[], kind: Kind): Extract<Entry, { kind: Kind }>[] {
  return open.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
}
