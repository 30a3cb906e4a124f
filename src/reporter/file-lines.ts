// The lines of test files: one for each when its last test is over, and for those that did not pass, at the end.
import { filesOf } from '../state/files.ts';
import type { FileState, RunState } from '../state/run-state.ts';
import { keyOf } from '../state/tests.ts';
import type { Colouring } from '../text/colours.ts';
import type { FailureDetails } from './failure-details.ts';
import { fileLine, isOver, statusOf } from './file-text.ts';
import { troubledFiles } from './summary-text.ts';

/** Files at the end. */
const MOST = 20;

export class FileLines {
  readonly #colour: Colouring;
  readonly #details: FailureDetails;
  /** Files that have their line. */
  readonly #told = new Set<string>();
  /** Those that did not pass and whose lines are the last that were printed. */
  readonly #last = new Set<string>();

  constructor(colour: Colouring, details: FailureDetails) {
    this.#colour = colour;
    this.#details = details;
  }

  /** Its last test is over, and it has no line yet. */
  isToBeTold(state: RunState, key: string): boolean {
    const file = filesOf(state).get(key);
    return file !== undefined && isOver(file) && !this.#told.has(key);
  }

  ofEnded(state: RunState, key: string): string[] {
    const file = filesOf(state).get(key);
    if (!file) return [];
    this.#told.add(key);
    if (statusOf(file) === 'PASS') this.#last.clear();
    else this.#last.add(key);
    return this.#explained(file);
  }

  /** Something else is printed. */
  interrupt(): void {
    this.#last.clear();
  }

  /** Of what did not pass: lines that are not there yet, and again those from which others have led away. */
  atEnd(state: RunState): string[] {
    const troubled = troubledFiles(state);
    const told = troubled.filter((file) => this.#told.has(keyOf(file)));
    const isRepeated = told.some((file) => !this.#last.has(keyOf(file)));
    const shown = isRepeated ? troubled : troubled.filter((file) => !told.includes(file));
    const lines = shown
      .slice(0, MOST)
      .flatMap((file) => (told.includes(file) ? [fileLine(file, this.#colour)] : this.#explained(file)));
    const more = shown.length > MOST ? [`and ${shown.length - MOST} more`] : [];
    return [...(isRepeated ? [heading(troubled)] : []), ...lines, ...more];
  }

  #explained(file: FileState): string[] {
    return [fileLine(file, this.#colour), ...this.#details.linesOf(file)];
  }
}

function heading(files: readonly FileState[]): string {
  const statuses = new Set(files.map(statusOf));
  const [failed, cancelled] = [statuses.has('FAIL'), statuses.has('CANCELLED')];
  return `Files that ${[...(failed ? ['failed'] : []), ...(cancelled ? ['were cancelled'] : [])].join(' or ')}:`;
}
