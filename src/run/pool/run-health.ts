// Whether the run can still open stacks. The first cause of its break stays: one test fails for it, later ones are
// skipped, and the run's end throws it.
import { errorToWire, messageOf, StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import type { Response } from '../../lease/protocol.ts';
import { SKIPPED } from '../../names.ts';
import { orDiskFull } from '../disk-full.ts';
import type { RunContext } from '../run-context.ts';

/** Why a run broke whose Postgres went away: no click in the IDE mends that. */
export const POSTGRES_GONE = 'Postgres is gone';

interface Broken {
  readonly error: unknown;
  readonly what: string;
  /** A test has failed for it. */
  reported: boolean;
  /** Those that were seen on another database, by title. Others that were seen on their own go on. Undefined: none does. */
  readonly elsewhere: Set<string> | undefined;
}

export class RunHealth {
  readonly #context: RunContext;
  readonly #events: Events;
  #broken: Broken | undefined;
  #openings = new AbortController();

  constructor(context: RunContext, events: Events) {
    this.#context = context;
    this.#events = events;
  }

  /** From now on there are no stacks: one could not be opened, or Postgres went away. */
  break(error: unknown, what: string): Broken {
    // What leaves nobody out counts for all.
    if (this.#broken && !(this.#broken.elsewhere && what === POSTGRES_GONE)) return this.#broken;
    const isElsewhere = error instanceof StacksError && error.code === 'DATABASE_UNUSED';
    const elsewhere = isElsewhere ? new Set<string>() : undefined;
    this.#broken = { error: orDiskFull(error, this.#context), what, reported: false, elsewhere };
    this.#events.emit({ type: 'run-broken', message: messageOf(this.#broken.error) });
    if (!elsewhere) this.#openings.abort(this.#broken.error);
    return this.#broken;
  }

  /** Of the stacks that open now: aborted when one of them, or Postgres, cannot be had. Nobody would get the others. */
  get openings(): AbortSignal {
    return this.#openings.signal;
  }

  /** A stack could not be opened ahead of its lease. Too few connections may be another run's, and be free at the lease. */
  fail(error: unknown, stack: string): void {
    const isForNow = error instanceof StacksError && error.code === 'DATABASE_FULL';
    if (this.#context.signal.aborted || isForNow) return;
    this.break(error, `${stack} could not be opened`).elsewhere?.add(stack);
  }

  /** Before a stack is opened. */
  throwIfBroken(stack: string, proved: boolean): void {
    if (this.#isRefused(stack, proved)) throw this.#broken?.error;
  }

  #isRefused(stack: string, proved: boolean): boolean {
    const broken = this.#broken;
    return broken !== undefined && !(proved && broken.elsewhere?.has(stack) === false);
  }

  /**
   * What a lease is answered where the run is broken.
   * @param proved whether the stack's servers were seen on its databases
   * @param asked `about it`: for a test that has failed already, and is not to fail for the run
   */
  refusal(stack: string, proved: boolean, asked: 'for it' | 'about it' = 'for it'): Response | undefined {
    const broken = this.#broken;
    if (!broken || !this.#isRefused(stack, proved)) return undefined;
    return asked === 'about it' ? skip(broken) : refuse(broken);
  }

  /** What a lease is answered whose stack could not be had. The run ends while it opens: that is nobody's failure. */
  refuse(error: unknown, what: string, stack: string): Response {
    if (this.#context.signal.aborted) return { type: 'skip', reason: `${SKIPPED}the run was ended` };
    const broken = this.break(error, what);
    broken.elsewhere?.add(stack);
    return refuse(broken);
  }

  /** For the end of the run to throw: exit code 1, also where only skipped tests were left. */
  get failure(): StacksError | undefined {
    if (!this.#broken) return undefined;
    const { error, what } = this.#broken;
    return new StacksError('RUN_BROKEN', `${what}; the tests after it were skipped.`, {
      items: messageOf(error).split('\n'),
    });
  }

  /** UI mode and the IDE: what broke may be mended at the next click, unless Postgres is gone. */
  forgive(): void {
    if (!this.#broken || this.#broken.what === POSTGRES_GONE) return;
    this.#broken = undefined;
    this.#openings = new AbortController();
  }
}

function refuse(broken: Broken): Response {
  const { error, reported } = broken;
  broken.reported = true;
  return reported ? skip(broken) : { type: 'failed', error: errorToWire(error) };
}

function skip({ error, what }: Broken): Response {
  return { type: 'skip', reason: `${SKIPPED}${what}: ${messageOf(error).split('\n')[0]}` };
}
