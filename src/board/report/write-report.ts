// Writes the report of a run that is over, where it is asked for. It never fails the run: what could not be written is said.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../errors.ts';
import type { Events } from '../../events.ts';
import { replaceFile } from '../../files/replace-file.ts';
import type { RunState } from '../../state/run-state.ts';
import type { BoardModel } from '../board-model.ts';
import { type PageFiles, readPageFiles } from '../page-files.ts';
import { perfettoTrace } from './perfetto.ts';
import { REPORT_VERSION, type ReportData } from './report-data.ts';
import { reportHtml } from './report-html.ts';

export interface ReportTarget {
  readonly when: 'always' | 'on-failure' | 'never';
  /** Absolute. */
  readonly outputFile: string;
  /** Whether a file for ui.perfetto.dev is written beside it. */
  readonly trace: boolean;
}

export function writeReport(model: BoardModel, target: ReportTarget, events: Events, files?: PageFiles): void {
  const { when, outputFile: file, trace } = target;
  if (when === 'never' || (when === 'on-failure' && !hasFailed(model.state))) return;
  try {
    writeRuns({ runs: [model], missing: [] }, file, files);
    // Named after it: it takes the place of nothing else.
    const beside = trace ? `${file.replace(/\.html?$/, '')}.trace.json` : undefined;
    if (beside) replaceFile(beside, perfettoTrace([model]));
    events.emit({ type: 'report-written', file, ...(beside && { trace: beside }) });
  } catch (error) {
    events.emit({ type: 'report-failed', file, why: messageOf(error) });
  }
}

/** Writes the report of several runs, or of one. */
export function writeRuns(data: Omit<ReportData, 'version'>, file: string, files: PageFiles = readPageFiles()): void {
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, reportHtml({ version: REPORT_VERSION, ...data }, files));
}

function hasFailed({ progress, broken, workers }: RunState): boolean {
  const ended = Object.values(workers).some(({ why }) => why !== undefined);
  return progress.failed > 0 || broken !== undefined || ended;
}
