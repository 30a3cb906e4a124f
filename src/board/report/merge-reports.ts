// Makes one report of several: those of shards, as they lie in the folders that CI has downloaded.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { BoardModel } from '../board-model.ts';
import type { PageFiles } from '../page-files.ts';
import { readData } from './report-data.ts';
import { writeRuns } from './write-report.ts';

/** The name of a report in its folder. */
const REPORT_NAME = 'index.html';

export interface Merged {
  readonly runs: number;
  /** What could not be read, and why. */
  readonly missing: readonly string[];
}

/** @param sources reports, folders that have one, and folders of such folders. Nothing is written where none can be read. */
export function mergeReports(sources: readonly string[], file: string, files?: PageFiles): Merged {
  const runs: BoardModel[] = [];
  const missing: string[] = [];
  for (const path of sources.flatMap(reportsAt)) {
    try {
      const data = readData(readFileSync(path, 'utf8'));
      runs.push(...data.runs);
      missing.push(...data.missing);
    } catch (error) {
      missing.push(`${path}: ${messageOf(error)}`);
    }
  }
  runs.sort((one, other) => shardOf(one) - shardOf(other));
  if (runs.length > 0) writeRuns({ runs, missing }, file, files);
  return { runs: runs.length, missing };
}

function shardOf({ state }: BoardModel): number {
  return state.shard?.current ?? 0;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // Reading it says why.
  }
}

/** What is not there is named as it was given: reading it says why. */
function reportsAt(path: string): string[] {
  if (!isFolder(path)) return [path];
  const own = join(path, REPORT_NAME);
  if (existsSync(own)) return [own];
  const below = readdirSync(path)
    .sort()
    .map((name) => join(path, name, REPORT_NAME))
    .filter((each) => existsSync(each));
  return below.length > 0 ? below : [own];
}
