// The preludes of a leased stack: its base gets those that it lacks, and a setup project's test makes another one.
import { areEmpty } from '../lease/protocol.ts';
import type { LeasedDatabases } from './leased-databases.ts';
import type { StackLease } from './stack-lease.ts';

export class LeasedPreludes {
  readonly #lease: StackLease;
  /** As they are now: a fresh clone may take their place. */
  readonly #databases: () => LeasedDatabases;

  constructor(lease: StackLease, databases: () => LeasedDatabases) {
    this.#lease = lease;
    this.#databases = databases;
  }

  /** Adds those that the base lacks: once. Returns how many it holds then. */
  async add(): Promise<number> {
    const { applied, preludes: lacking } = this.#lease.ready.rewindable;
    const preludes = applied + lacking.length;
    if (lacking.length > 0) this.#lease.moveBase(await this.#databases().moveBase(lacking), preludes);
    return preludes;
  }

  /** Waits until no other slot runs a test of a setup project. Returns what is called after the test. */
  async beginTurn(): Promise<(outcome: 'passed' | 'failed') => Promise<void>> {
    await this.#lease.renew({ type: 'turn' });
    const preludes = await this.add();
    return async (outcome) => {
      const prelude = outcome === 'passed' ? await this.#databases().deltaSinceBase() : undefined;
      if (!prelude || areEmpty(prelude)) return this.#lease.notify({ type: 'turn-over' });
      this.#lease.notify({ type: 'turn-over', prelude });
      this.#lease.moveBase(await this.#databases().moveBase([]), preludes + 1);
    };
  }
}
