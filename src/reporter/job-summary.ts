// The summary of a run as Markdown, for the page of a GitHub job.
import { safe } from '../text/terminal.ts';
import type { FailureDetails } from './failure-details.ts';
import { fileLine } from './file-text.ts';
import { type Summary, summaryFacts, troubledFiles } from './summary-text.ts';

/** Files that failed or were cancelled. */
const MOST = 50;

export function jobSummary(summary: Summary, details: FailureDetails): string {
  const files = troubledFiles(summary.state);
  const troubled = files
    .slice(0, MOST)
    .flatMap((file) => [
      `- ${markdown(fileLine(file, (_, text) => text))}`,
      ...details.linesOf(file).map((line) => `  - ${markdown(line.trim())}`),
    ]);
  const more = files.length > MOST ? [`- and ${files.length - MOST} more`] : [];
  const [headline = '', ...facts] = summaryFacts(summary).map(markdown);
  const list = [...troubled, ...more, ...facts.map((fact) => `- ${fact}`)];
  return `### playwright-stacks: ${headline}\n\n${list.join('\n')}\n\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** As text on one line: neither Markdown nor HTML. */
function markdown(text: string): string {
  return safe(text)
    .replaceAll('\n', ' ')
    .replace(/[\\`*_{}[\]()#+!|~@]/g, '\\$&')
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');
}
