// `merge-reports`: one report of those of several shards.
import { parseArgs } from 'node:util';
import type { PageFiles } from '../board/page-files.ts';
import { mergeReports } from '../board/report/merge-reports.ts';
import { writeError, writeOut } from '../text/terminal.ts';

const DEFAULT_FILE = 'stacks-report/index.html';

/** Resolves with the exit code: 1 where no report could be read. */
export async function mergeReportsCommand(args: readonly string[], files?: PageFiles): Promise<number> {
  const options = { 'output-file': { type: 'string', short: 'o', default: DEFAULT_FILE } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const file = values['output-file'];
  if (positionals.length === 0) {
    throw new Error(
      'merge-reports takes reports, or folders that have them: `npx playwright-stacks merge-reports shard-1 shard-2`.',
    );
  }
  const { runs, missing } = mergeReports(positionals, file, files);
  for (const each of missing) writeError(`could not read ${each}\n`);
  if (runs === 0) {
    writeError('no report could be read; nothing is written.\n');
    return 1;
  }
  writeOut(`${runs} ${runs === 1 ? 'run' : 'runs'} in ${file}\n`);
  return 0;
}
