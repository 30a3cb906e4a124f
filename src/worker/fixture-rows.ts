// What worker fixtures write stays for all tests of their worker. Those set up before the first test are simply part of
// the baseline; those that a test asks for write inside of it, and get their rows back after it was undone.
import type { Lease } from '../lease/client.ts';
import { areEmpty, type Deltas } from '../lease/protocol.ts';
import type { LeasedDatabases } from './leased-databases.ts';

export class FixtureRows {
  readonly #lease: Lease;
  /** By name, what earlier workers' fixtures wrote for this project; '' is all that they wrote before the first test. */
  readonly #earlier: Readonly<Record<string, Deltas>>;
  /** Since the baseline, and of it what the current mark does not hold. */
  #sinceBaseline: Deltas[] = [];
  #sinceMark: Deltas[] = [];

  constructor(lease: Lease, earlier: Readonly<Record<string, Deltas>>) {
    this.#lease = lease;
    this.#earlier = earlier;
  }

  /** The first group begins: what was written until now is kept. */
  async keep(database: LeasedDatabases): Promise<void> {
    await this.#complete('', await database.delta(), database);
    await database.checkpoint();
  }

  /** A fixture is set up within a test; what is returned is called when it is. */
  async begin(name: string, database: LeasedDatabases): Promise<() => Promise<void>> {
    const before = await database.mark();
    return async () => {
      const delta = await this.#complete(name, await database.deltaSince(before), database);
      if (areEmpty(delta)) return;
      this.#sinceBaseline.push(delta);
      this.#sinceMark.push(delta);
    };
  }

  /** After the test was undone. */
  async backAfterTest(database: LeasedDatabases): Promise<void> {
    if (this.#sinceMark.length === 0) return;
    for (const delta of this.#sinceMark) await database.replay(delta);
    this.#sinceMark = [];
    database.keep();
  }

  /** After the database went back to the baseline, which holds them from then on. */
  async backAtBaseline(database: LeasedDatabases): Promise<void> {
    if (this.#sinceBaseline.length === 0) return;
    for (const delta of this.#sinceBaseline) await database.replay(delta);
    this.#sinceBaseline = [];
    this.#sinceMark = [];
    await database.checkpoint();
  }

  /** A fixture that wrote nothing may have found the file that an earlier worker of this slot left: it gets that one's rows. */
  async #complete(name: string, written: Deltas, database: LeasedDatabases): Promise<Deltas> {
    if (!areEmpty(written)) {
      this.#lease.tell({ type: 'fixture', name, delta: written });
      return written;
    }
    const earlier = this.#earlier[name];
    if (earlier) await database.replay(earlier);
    return earlier ?? written;
  }
}
