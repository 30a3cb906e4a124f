// The runs of this user on this machine, as their folders tell: living ones, and dead ones that were not yet swept.
import { join } from 'node:path';
import { RUN_FILE, readRunFile, type StackInfo } from '../lease/run-file.ts';
import { isRunning, type Journal, journalFile, readJournal } from './journal.ts';
import { findRunFolders } from './run-folder.ts';

export interface FoundRun extends Journal {
  readonly folder: string;
  readonly runner: 'running' | 'dead';
  /** Those that were planned; empty while the run is being set up. */
  readonly stacks: readonly StackInfo[];
}

/** Whether `folder` is in the project at `root`, or above it. */
export function isProjectOf(root: string, folder: string): boolean {
  return `${folder}/`.startsWith(`${root}/`) || `${root}/`.startsWith(`${folder}/`);
}

/** The youngest first. */
export function findRuns(): FoundRun[] {
  const found = findRunFolders().flatMap((folder): FoundRun[] => {
    const journal = readJournal(folder);
    if (!journal) return [];
    const stacks = readRunFile(join(folder, RUN_FILE))?.stacks ?? [];
    return [{ ...journal, folder, runner: isRunning(journalFile(folder), journal) ? 'running' : 'dead', stacks }];
  });
  return found.sort((a, b) => b.at - a.at);
}
