// What must be undone, last in first out. Register the teardown, then set up.

import { messageOf, StacksError } from './errors.ts';
import { within } from './wait.ts';

interface Step {
  readonly title: string;
  readonly undo: () => unknown;
  readonly timeout: number;
}

/** A stack of teardown steps that goes on after a failure and gives every step its own deadline. */
export class Lifetime implements AsyncDisposable {
  #steps: Step[] = [];
  #closing: Promise<void> | undefined;

  /**
   * Registers `undo`, run by `close()` in reverse order of registration.
   * @param title what it undoes, for the message of a failure: `drop database "x"`
   * @param options.timeout milliseconds that it may take, default 10,000
   */
  defer(title: string, undo: () => unknown, options: { timeout?: number } = {}): void {
    this.#steps.push({ title, undo, timeout: options.timeout ?? 10_000 });
  }

  /** Runs every step once, however often it is called. Throws TEARDOWN_FAILED naming each step that failed. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const failures: { title: string; error: unknown }[] = [];
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      try {
        await within(step.timeout, step.title, step.undo);
      } catch (error) {
        failures.push({ title: step.title, error });
      }
    }
    const [first] = failures;
    if (!first) return;
    if (failures.length === 1 && namesWhatIsLeft(first.error)) throw first.error;
    throw new StacksError('TEARDOWN_FAILED', `${failures.length} of the run’s resources could not be removed.`, {
      facts: Object.fromEntries(failures.map(({ title, error }) => [title, messageOf(error)])),
      cause: new AggregateError(failures.map(({ error }) => error)),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function namesWhatIsLeft(error: unknown): boolean {
  return error instanceof StacksError && error.code === 'TEARDOWN_FAILED' && error.details.items !== undefined;
}
