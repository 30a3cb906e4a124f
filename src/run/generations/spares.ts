// The spares of one stack: they boot while a generation is the slot's, and the oldest is taken next. Those that end before
// their turn are not tried for ever.
import type { Generation } from './generation.ts';
import { Spare } from './spare.ts';
import type { Measured } from './wanted-spares.ts';

/** In a row, that ended before their turn: there are no more of them then. */
const MOST_FAILED = 2;
/** That waited for too long during one test: there is none then until the next. */
const MOST_STALE = 3;
/** Tests in a row that all of their spares were too early for: there are no more of them then. */
const MOST_TOO_EARLY = 3;
/** Generations of which it is remembered how long they were the slot's. */
const REMEMBERED = 5;
/** Boots before the time at which the next one was wanted lately. */
const AHEAD = 3;

export interface SparesOptions {
  /** How many boot while the next generation is the slot's. */
  wanted(measured: Measured): number;
  /** How many servers start together. */
  readonly servers: number;
  /** Resolves when one may boot; returns what is to be called when it has. */
  takeTurn(signal: AbortSignal): Promise<() => void>;
  /** @param onWaiting called when the first connection waits */
  boot(onWaiting: () => void): Promise<Generation>;
  /** They cannot be, or not any more. */
  onGivenUp(why: string): void;
  /** One could not be ended. */
  onError(error: unknown): void;
}

export class Spares {
  /** Milliseconds that a boot took. */
  bootTime = 1_000;
  readonly #options: SparesOptions;
  #all: Spare[] = [];
  /** The ends of those that are not wanted any more. */
  readonly #dropped = new Set<Promise<void>>();
  #state: 'wanted' | 'not now' | 'given up' = 'not now';
  #wanted = 0;
  #failed = 0;
  #stale = 0;
  #tooEarly = 0;
  #began = 0;
  #periods: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** The turn that was asked for last. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: SparesOptions) {
    this.#options = options;
  }

  get areGivenUp(): boolean {
    return this.#state === 'given up';
  }

  /** None boots while this generation is the slot's. */
  get areNone(): boolean {
    return this.areGivenUp || this.#wanted === 0;
  }

  /** A generation is the slot's: there will be a next one. */
  begin(): void {
    this.#began = performance.now();
    this.#stale = 0;
    if (!this.areGivenUp) this.#state = 'wanted';
    this.#wanted = this.#options.wanted({ bootTime: this.bootTime, periods: this.#periods });
    // Where tests are long a spare would wait for long, too, until its drivers give up.
    const pause = Math.min(...this.#periods) - AHEAD * this.bootTime;
    this.#clear();
    if (pause > 0 && pause < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#fill(), pause).unref();
    else this.#fill();
  }

  /** It is not any more. */
  over(): void {
    this.#clear();
    this.#periods = [performance.now() - this.#began, ...this.#periods].slice(0, REMEMBERED);
  }

  /** The oldest that runs. */
  async take(): Promise<Generation | undefined> {
    for (let spare = this.#all.shift(); spare; spare = this.#all.shift()) {
      const generation = await spare.take();
      if (!generation) continue;
      this.#tooEarly = 0;
      return generation;
    }
    if (this.#stale >= MOST_STALE) this.#wereTooEarly(); // more, where several waited side by side
    return undefined;
  }

  /** Each boots to its first connection, which waits, and ends: for nothing, if that is so test after test. */
  #wereTooEarly(): void {
    this.#stale = 0;
    this.#tooEarly += 1;
    if (this.#tooEarly < MOST_TOO_EARLY) return;
    this.giveUp('each waited at its first connection until its driver might have given up, long before the test ended');
  }

  /** One that was taken is the slot's. */
  worked(): void {
    this.#failed = 0;
  }

  /** One ended, or did not become ready. */
  failed(why: string): void {
    this.#failed += 1;
    if (this.#failed === MOST_FAILED) this.giveUp(why);
  }

  giveUp(why: string): void {
    if (this.areGivenUp) return;
    this.#state = 'given up';
    this.#clear();
    for (const spare of this.#all) this.#drop(spare);
    this.#options.onGivenUp(why);
  }

  /** Ends them; `begin` makes others. Those that were dropped before have ended, too. */
  async end(): Promise<void> {
    if (!this.areGivenUp) this.#state = 'not now';
    this.#clear();
    await Promise.all([...this.#all.splice(0).map((spare) => spare.end()), ...this.#dropped]);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #fill(): void {
    while (this.#state === 'wanted' && this.#all.length < this.#wanted) this.#all.push(this.#make());
  }

  #make(): Spare {
    return new Spare({
      takeTurn: (signal) => this.#takeTurn(signal),
      servers: this.#options.servers,
      bootTime: this.bootTime,
      boot: this.#options.boot,
      onFailed: (spare, why) => {
        this.#drop(spare);
        this.failed(why);
        this.#fill();
      },
      onStale: (spare) => {
        this.#drop(spare);
        this.#stale += 1;
        if (this.#stale < MOST_STALE) this.#fill();
      },
    });
  }

  /** One asks after the other: all stacks' first spares come before the second one of any. */
  #takeTurn(signal: AbortSignal): Promise<() => void> {
    const turn = this.#turn.then(() => this.#options.takeTurn(signal));
    this.#turn = turn.catch(() => {}); // whoever asked has its error
    return turn;
  }

  #drop(spare: Spare): void {
    this.#all = this.#all.filter((each) => each !== spare);
    const ended = spare.end().catch(this.#options.onError);
    this.#dropped.add(ended);
    void ended.then(() => this.#dropped.delete(ended));
  }
}
