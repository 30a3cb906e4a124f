// What worker fixtures write stays for all tests of their worker. Those set up before the first group are simply part of
// the baseline. Those that a test or hook asks for write inside of it: a mark that was made later holds their rows, and
// after a rewind to an earlier one they are written again.
import type { Lease } from '../lease/client.ts';
import { areEmpty, type Deltas, type Marks } from '../lease/protocol.ts';
import type { LeasedDatabases } from './leased-databases.ts';

interface FixtureRows {
  readonly rows: Deltas;
  /** The last mark that does not hold them. */
  lackedBy: Marks;
}

export class WorkerFixtureRows {
  readonly #lease: Lease;
  /** By name, what earlier workers' fixtures wrote for this project; '' is all that they wrote before the first group. */
  readonly #earlier: Readonly<Record<string, Deltas>>;
  /** In the order in which they were written. */
  readonly #own: FixtureRows[] = [];

  constructor(lease: Lease, earlier: Readonly<Record<string, Deltas>>) {
    this.#lease = lease;
    this.#earlier = earlier;
  }

  /** The first group begins: what fixtures have written until now becomes part of the baseline. */
  async keepInBaseline(databases: LeasedDatabases): Promise<void> {
    const rows = await this.#orEarlier('', await databases.deltaSinceBase(), databases);
    await databases.moveBaseline(rows);
  }

  /** A fixture is set up within a test or hook; what is returned is called when it is. */
  async begin(name: string, databases: LeasedDatabases): Promise<() => Promise<void>> {
    const before = await databases.mark();
    return async () => {
      const rows = await this.#orEarlier(name, await databases.deltaSince(before), databases);
      if (!areEmpty(rows)) this.#own.push({ rows, lackedBy: before });
    };
  }

  /** The databases went back to `marks`: writes again what was written after them, and says whether there was any. */
  async replayAfter(marks: Marks, databases: LeasedDatabases): Promise<boolean> {
    const lost = this.#own.filter(({ lackedBy }) => !isLater(marks, lackedBy));
    for (const each of lost) {
      await databases.replay(each.rows);
      each.lackedBy = marks;
    }
    return lost.length > 0;
  }

  /** Fresh clones have taken over from `before`: their marks hold what those of the others held. */
  moveTo(databases: LeasedDatabases, before: { readonly baseline: Marks; readonly mark: Marks }): void {
    for (const each of this.#own) {
      if (isLater(before.baseline, each.lackedBy)) each.lackedBy = databases.base;
      else if (isLater(before.mark, each.lackedBy)) each.lackedBy = databases.baseline;
      else each.lackedBy = databases.latest;
    }
  }

  /** A fixture that wrote nothing may have found the file that an earlier worker of this slot left: it gets that one's rows. */
  async #orEarlier(name: string, written: Deltas, databases: LeasedDatabases): Promise<Deltas> {
    if (!areEmpty(written)) {
      this.#lease.notify({ type: 'fixture', name, delta: written });
      return written;
    }
    const earlier = this.#earlier[name];
    if (earlier) await databases.replay(earlier);
    return earlier ?? written;
  }
}

/** Marks of several databases are made and rewound together: the first says it for all. */
function isLater([mark = 0]: Marks, [than = 0]: Marks): boolean {
  return mark > than;
}
