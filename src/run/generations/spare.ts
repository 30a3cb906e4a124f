// A generation that boots ahead, while a test runs: in its turn, as one of a few at once. It is taken when it is wanted, or
// says why it cannot be.
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../errors.ts';
import type { Generation } from './generation.ts';

/** Milliseconds that a process waits at its first connection before its driver may give up: Prisma does after 5 seconds. */
const HELD_TIMEOUT_MS = 4_000;

export interface SpareOptions {
  /** Resolves when it may boot; returns what is to be called when it has, or is not to boot in turn any more. */
  takeTurn(signal: AbortSignal): Promise<() => void>;
  /** How many servers start together: the first connection of one says nothing of the others. */
  readonly servers: number;
  /** Milliseconds after which the next may boot, though this one has not connected: it may never do so by itself. */
  readonly bootTime: number;
  /** @param onWaiting called when its first connection waits */
  boot(onWaiting: () => void): Promise<Generation>;
  /** It ended, or could not be started. */
  onFailed(spare: Spare, why: string): void;
  /** It has waited for so long that its drivers may give up. */
  onStale(spare: Spare): void;
}

export class Spare {
  readonly #options: SpareOptions;
  readonly #generation: Promise<Generation | undefined>;
  #isStarted = false;
  #timer: NodeJS.Timeout | undefined;
  /** Aborted when it was taken, has failed, or nobody wants it any more. */
  readonly #over = new AbortController();

  constructor(options: SpareOptions) {
    this.#options = options;
    this.#generation = this.#boot();
  }

  /** Undefined: it was not started yet, and never will be, or has failed. */
  async take(): Promise<Generation | undefined> {
    const isThere = this.#isStarted && !this.#isOver;
    this.#end();
    return isThere ? this.#generation : undefined;
  }

  /** Nobody wants it any more. */
  async end(): Promise<void> {
    const wasStarted = this.#isStarted;
    this.#end();
    if (wasStarted) await (await this.#generation)?.end();
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  #end(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
  }

  async #boot(): Promise<Generation | undefined> {
    let endTurn = () => {};
    try {
      endTurn = await this.#options.takeTurn(this.#over.signal);
      if (this.#isOver) {
        endTurn();
        return undefined;
      }
      this.#isStarted = true;
      // When it was taken it boots for its slot: no other slot's spare is to wait for that.
      this.#over.signal.addEventListener('abort', endTurn);
      const generation = await this.#options.boot(() => {
        if (this.#options.servers === 1) endTurn();
        this.#held();
      });
      void delay(this.#options.bootTime, undefined, { ref: false }).then(endTurn);
      for (const server of generation.servers) {
        void server.exited.then(({ code, signal }) => {
          endTurn();
          this.#failed(
            [`"${server.name}" ended with ${signal ?? `code ${code}`}`, ...server.tail().slice(-3)].join('\n  | '),
          );
        });
      }
      return generation;
    } catch (error) {
      endTurn();
      this.#failed(messageOf(error));
      return undefined;
    }
  }

  #held(): void {
    if (this.#isOver) return;
    this.#timer = setTimeout(() => this.#options.onStale(this), HELD_TIMEOUT_MS).unref();
  }

  #failed(why: string): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.onFailed(this, why);
  }
}
