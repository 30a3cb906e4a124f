// Removes everything of a run whose runner is gone, by its journal: processes and databases, then folders, the run's own
// last. What cannot be removed stays noted there, for the next sweep, with a log that says why.
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { RUN_FILE, RUN_FILE_VARIABLE } from '../lease/run-file.ts';
import { within } from '../lifetime.ts';
import { removeDataFolder } from '../postgres/embedded/remove-data-folder.ts';
import { dropRun } from '../postgres/existing/drop-run.ts';
import { machine } from '../process/processes.ts';
import { endRunProcesses } from '../process/run-processes.ts';
import { type Entry, type Journal, readJournal } from './journal.ts';

/** What was done, and what could not be: for a person to read. */
export interface Reaped {
  readonly removed: readonly string[];
  readonly failures: readonly string[];
}

/** Milliseconds that each part may take. */
const DEADLINE = 15_000;

export async function reap(folder: string): Promise<Reaped> {
  const journal = readJournal(folder);
  const removed: string[] = [];
  const failures: string[] = [];
  const attempt = (title: string, work: () => Promise<readonly string[]>): Promise<void> =>
    within(DEADLINE, title, work).then(
      (done) => void removed.push(...done),
      (error) => void failures.push(`${title}: ${messageOf(error)}`),
    );

  if (journal) {
    const { open } = journal;
    await Promise.all([
      attempt('end the processes', () => endProcesses(folder, journal)),
      ...ofKind(open, 'server').map(({ url }) => attempt('drop the databases', () => dropRun(url, journal.run))),
    ]);
    for (const data of ofKind(open, 'data')) {
      await attempt(`remove ${data.folder}`, async () => {
        if (!data.folder.endsWith(`/stk-${journal.run}-pg`)) throw new Error('it is not named like data of this run');
        await removeDataFolder(data.folder);
        return [data.folder];
      });
    }
  }
  if (failures.length === 0) rmSync(folder, { recursive: true, force: true });
  else
    appendFileSync(reaperLog(folder), failures.map((failure) => `${new Date().toISOString()} ${failure}\n`).join(''));
  return { removed, failures };
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

function ofKind<Kind extends Entry['kind']>(open: readonly Entry[], kind: Kind): Extract<Entry, { kind: Kind }>[] {
  return open.filter((entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind);
}
