// The lines of a run: stacks as they open, a line for each file, the counts.
import type { Events, StacksEvent } from '../events.ts';
import { safe } from '../text/terminal.ts';
import { FileResults } from './file-results.ts';
import { count, eventLine, fileLine, summaryLines, workerLine } from './report-text.ts';

/** Prints what happens from now on. Returns the function that ends it. */
export function reportEvents(events: Pick<Events, 'on'>, print: (text: string) => void = toStderr): () => void {
  const lines = linesOf();
  return events.on((event) => {
    for (const line of lines(event)) print(line);
  });
}

function linesOf(): (event: StacksEvent) => readonly string[] {
  let files = new FileResults([]);
  return (event) => {
    if (event.type === 'tests-planned') {
      files = new FileResults(event.tests);
      const counts = [count(files.size, 'file'), count(event.tests.length, 'test'), count(event.workers, 'worker')];
      return [counts.join(', ')];
    }
    if (event.type === 'test-result') {
      const file = files.add(event);
      return [workerLine(event), file && fileLine(file)].filter((line) => line !== undefined);
    }
    if (event.type === 'tests-over') return files.reported ? summaryLines(files, event.ms) : [];
    const line = eventLine(event);
    return line ? [line] : [];
  };
}

// To stderr: the user's reporter may be one that a machine reads on stdout.
function toStderr(text: string): void {
  process.stderr.write(`${safe(text, 'keep').replace(/^/gm, '[stacks] ')}\n`);
}
