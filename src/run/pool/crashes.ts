// How often the servers of a slot have ended by themselves in a row: no test of the slot passed in between.
import type { TestRef } from '../../events.ts';

export interface Crash {
  /** In a row, with this one. */
  readonly times: number;
  /** The test that ran when the first of the row happened, or that had ended last. */
  readonly first: TestRef | undefined;
}

export class Crashes {
  readonly #byServer = new Map<string, Crash>();
  #isTestHarmed = false;

  testBegan(): void {
    this.#isTestHarmed = false;
  }

  /** A test that passes although a server ended during it says nothing of the server. */
  testEnded(status: string): void {
    if (status === 'passed' && !this.#isTestHarmed) this.#byServer.clear();
  }

  note(server: string, test: TestRef | undefined): Crash {
    this.#isTestHarmed = true;
    const { times = 0, first = test } = this.#byServer.get(server) ?? {};
    const crash = { times: times + 1, first };
    this.#byServer.set(server, crash);
    return crash;
  }
}
