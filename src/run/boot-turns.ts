// Which servers boot at once. Boots that wait for something do so side by side. Of boots that compute, only a few run at once,
// so that the first server is not ready as late as the last one: as many as there are processors, of spares one fewer.
import { cpus } from 'node:os';
import { processors } from '../process/processors.ts';
import { orAbort } from '../wait.ts';

/** Milliseconds between two looks whether processors are idle. */
const LOOK_INTERVAL_MS = 30;
/** The share of the processors' time that is idle where another boot would not slow down those that run. */
const IDLE = 0.25;
/** Milliseconds that a stack waits for its turn: a machine may be busy with something else. */
const LONGEST_WAIT_MS = 500;

interface TurnsOptions {
  /** That boot where no processor is idle. @default all processors */
  readonly most?: number;
  /** Milliseconds after which one boots in any case. @default 500 */
  readonly longestWait?: number;
  /** Whether processors have been idle since it was last called. @default as the system says */
  readonly isIdle?: () => boolean;
}

interface Waiting {
  readonly begin: () => void;
  /** Milliseconds of `performance`. */
  readonly since: number;
  readonly signal: AbortSignal;
}

export class BootTurns {
  readonly #most: number;
  readonly #longestWait: number;
  readonly #isIdle: () => boolean;
  #waiting: Waiting[] = [];
  #running = 0;
  #looking: NodeJS.Timeout | undefined;

  constructor({ most = processors(), longestWait = LONGEST_WAIT_MS, isIdle = idleWatch() }: TurnsOptions = {}) {
    this.#most = most;
    this.#longestWait = longestWait;
    this.#isIdle = isIdle;
  }

  /** Waits for a turn, and returns what ends it, however often it is called. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (this.#running < this.#most) this.#running += 1;
    else await this.#wait(signal);
    let isOver = false;
    return () => {
      if (!isOver) this.#end();
      isOver = true;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#looking === undefined) this.#isIdle();
    this.#looking ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS);
    let hasBegun = false;
    const turn = new Promise<void>((resolve) => {
      const begin = () => {
        hasBegun = true;
        resolve();
      };
      this.#waiting.push({ begin, since: performance.now(), signal });
    });
    await orAbort(signal, turn).catch((reason) => {
      if (hasBegun) this.#end();
      else this.#begin(0);
      throw reason;
    });
  }

  #end(): void {
    this.#running -= 1;
    this.#begin(this.#most - this.#running);
  }

  #look(): void {
    const longest = performance.now() - (this.#waiting[0]?.since ?? 0);
    if (this.#isIdle() || longest >= this.#longestWait) this.#begin(1);
  }

  #begin(most: number): void {
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    for (const { begin } of this.#waiting.splice(0, Math.max(0, most))) {
      this.#running += 1;
      begin();
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}

/**
 * Whether the processors have been idle for a share of the time since the last call. Never in a container that may use
 * only some of them: the system counts all.
 */
function idleWatch(): () => boolean {
  if (processors() < cpus().length) return () => false;
  let before = times();
  return () => {
    const now = times();
    const [idle, all] = [now.idle - before.idle, now.all - before.all];
    before = now;
    return all > 0 && idle / all >= IDLE;
  };
}

function times(): { readonly idle: number; readonly all: number } {
  const each = cpus().map(({ times: { idle, user, nice, sys, irq } }) => ({
    idle,
    all: idle + user + nice + sys + irq,
  }));
  return { idle: sum(each.map(({ idle }) => idle)), all: sum(each.map(({ all }) => all)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
