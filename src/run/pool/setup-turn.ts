// The turns that setup projects' tests take on one stack: meanwhile no other slot runs such a test, and what it wrote is for all.
import type { Deltas } from '../../lease/protocol.ts';
import type { Lease } from '../../lease/server.ts';
import type { Preludes } from './preludes.ts';

export class SetupTurn {
  readonly #preludes: Preludes;
  readonly #template: string;
  #end: (() => void) | undefined;

  constructor(preludes: Preludes, template: string) {
    this.#preludes = preludes;
    this.#template = template;
  }

  /** Waits for all that were asked for before. Ends with the lease at the latest. */
  async begin(lease: Lease): Promise<void> {
    const end = await this.#preludes.turn();
    this.#end = end;
    void lease.closed.then(end);
  }

  /** @param delta what all stacks are to start with from now on, where its test has passed and written */
  end(delta?: Deltas): void {
    if (delta) this.#preludes.add(this.#template, { by: 'setup project', delta });
    this.#end?.();
  }
}
