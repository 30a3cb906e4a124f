// What is said under the line of a failed file, of each test that failed in it: the last error that a server printed.
import type { StacksEvent } from '../events.ts';
import type { FileState } from '../state/run-state.ts';
import { printableName } from '../text/printable.ts';

/** Failed tests of a file of which something is said. */
const MOST_TESTS = 10;

type Detail = Extract<StacksEvent, { type: 'failure-detail' }>;

export class FailureDetails {
  /** Of each test's last attempt, by its id and what they are about. */
  readonly #details = new Map<string, Map<string, Detail>>();

  hear(event: StacksEvent): void {
    if (event.type === 'test-started') this.#details.delete(event.test.id);
    if (event.type !== 'failure-detail') return;
    const known = this.#details.get(event.test.id) ?? new Map();
    this.#details.set(event.test.id, known.set(event.about, event));
  }

  /** Of one test: `server "web": Error: …` */
  of(id: string): string[] {
    return [...(this.#details.get(id)?.values() ?? [])].map(({ about, text }) => `${about}: ${printableName(text)}`);
  }

  /** The file is over. */
  linesOf({ tests }: FileState): string[] {
    const failed = Object.values(tests).filter(({ status }) => status === 'failed');
    return failed
      .slice(0, MOST_TESTS)
      .flatMap(({ id, title }) => this.of(id).map((detail) => `  '${printableName(title)}': ${detail}`));
  }
}
