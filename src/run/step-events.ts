// What a run waits for before its tests can begin, as events: each step's begin, its last lines of output, and its end.
import type { Events } from '../events.ts';
import { keepTail, type OutputTail } from '../process/output.ts';

export interface Step {
  /** `build`, `database.migrate`, `server "web"` */
  readonly step: string;
  /** Whose it is, where it is not the run's. */
  readonly stack?: { readonly slot: number; readonly variant: string };
}

/** Milliseconds between two events of one step's output. */
const OUTPUT_INTERVAL_MS = 200;

/** Lines of an event: what a person reads at a glance. */
const LINES = 12;

/** Does the work, which reports what it prints, as a step. */
export async function asStep<T>(
  events: Events,
  step: Step,
  work: (onOutput: OutputTail['push']) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const output = new StepOutput(events, step);
  let failed = true;
  events.emit({ type: 'step-began', ...step });
  try {
    const result = await work((stream, text) => output.push(stream, text));
    failed = false;
    return result;
  } finally {
    output.end();
    events.emit({ type: 'step-ended', ...step, ms: Math.round(performance.now() - began), failed });
  }
}

/** Emits the last lines at most every OUTPUT_INTERVAL_MS, however much is printed. */
class StepOutput {
  readonly #events: Events;
  readonly #step: Step;
  readonly #tail = keepTail();
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(events: Events, step: Step) {
    this.#events = events;
    this.#step = step;
  }

  push(stream: 'stdout' | 'stderr', text: string): void {
    if (this.#isEnded) return; // A server goes on printing after it is ready.
    this.#tail.push(stream, text);
    this.#timer ??= setTimeout(() => this.#emit(), OUTPUT_INTERVAL_MS).unref();
  }

  end(): void {
    if (this.#timer) this.#emit();
    this.#isEnded = true;
  }

  #emit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#events.emit({ type: 'step-output', ...this.#step, lines: this.#tail.lines().slice(-LINES) });
  }
}
