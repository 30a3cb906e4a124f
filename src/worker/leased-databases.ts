// The databases of a worker's stack, and the three moments that they go back to together: the base, where every lease of
// the stack starts; the baseline, where every group of this lease starts; the mark, where the test that runs has started.
import type { Deltas, Marks, Rewindable } from '../lease/protocol.ts';
import { WORKER } from '../names.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import type { Rewound } from '../rewind/rewind.ts';
import { LeasedDatabase } from './leased-database.ts';

/** What a fresh clone must get back to be where another one was: from the base to the baseline, from there to the mark. */
export interface ChangesToReplay {
  readonly toBaseline: Deltas;
  readonly toMark: Deltas;
}

export class LeasedDatabases {
  readonly #all: readonly LeasedDatabase[];
  readonly #names: readonly string[];
  #base: Marks;
  #baseline: Marks;
  /** undefined: what was written since the last one is carried over to the next. */
  #mark: Marks | undefined;

  private constructor(all: readonly LeasedDatabase[], names: readonly string[], base: Marks) {
    this.#all = all;
    this.#names = names;
    this.#base = base;
    this.#baseline = base;
  }

  /** Connects, and ends the sessions that earlier workers left: their statements may go on, and commit. */
  static async connect({ databases }: Rewindable): Promise<LeasedDatabases> {
    const all = await Promise.all(databases.map(({ url }) => LeasedDatabase.connect(url, WORKER)));
    return new LeasedDatabases(
      all,
      databases.map(({ name }) => name),
      databases.map(({ base }) => base),
    );
  }

  get base(): Marks {
    return this.#base;
  }

  get baseline(): Marks {
    return this.#baseline;
  }

  /** The mark; where there is none, the baseline. */
  get latest(): Marks {
    return this.#mark ?? this.#baseline;
  }

  /** Whether everything since the mark is to be undone: no hook has written, and no test whose rows stay. */
  get isMarked(): boolean {
    return this.#mark !== undefined;
  }

  /** What is there now is what the next test starts from. */
  async moveMark(): Promise<void> {
    this.#mark = await this.#each((database) => database.markAfterWriters());
  }

  /** What is there now is what the groups of this lease start from. */
  async moveBaseline(): Promise<void> {
    await this.moveMark();
    this.#baseline = this.latest;
  }

  /** Adds preludes to what is there, and makes it what the leases of this stack start from. */
  async moveBase(preludes: readonly Deltas[]): Promise<Marks> {
    for (const deltas of preludes) await this.replay(deltas);
    await this.moveBaseline();
    this.#base = this.#baseline;
    return this.#base;
  }

  /** What was written since the mark stays, until the next group. */
  carryOver(): void {
    this.#mark = undefined;
  }

  /** From now on the mark is where the baseline is. */
  forgetMark(): void {
    this.#mark = this.#baseline;
  }

  async lookForUnseenDdl(): Promise<void> {
    await this.#each((database) => database.lookForUnseenDdl());
  }

  async rewindTo(marks: Marks): Promise<Rewound> {
    return together(await this.#each((database, index) => database.rewind(marks[index] ?? 0)));
  }

  /** Marks this moment of a test. */
  mark(): Promise<Marks> {
    return this.#each((database) => database.mark());
  }

  /** Net row changes since the mark; those of other databases than the first say which. */
  async changes(): Promise<Change[]> {
    const since = this.latest;
    return this.#named(await this.#each((database, index) => database.changes(since[index] ?? 0)));
  }

  /** The first of them, for people. */
  async firstChanges(most: { rows: number; characters: number }): Promise<FirstChanges> {
    const since = this.latest;
    const all = await this.#each((database, index) => database.firstChanges(since[index] ?? 0, most));
    const rows = all.reduce((sum, each) => sum + each.rows, 0);
    return { changes: this.#named(all.map(({ changes }) => changes)).slice(0, most.rows), rows };
  }

  #named(changes: readonly (readonly Change[])[]): Change[] {
    return changes.flatMap((own, index) =>
      index === 0 ? own : own.map((change) => ({ database: this.#names[index], ...change })),
    );
  }

  /** What was written since the base. */
  deltaSinceBase(): Promise<Deltas> {
    return this.deltaSince(this.#base);
  }

  deltaSince(marks: Marks): Promise<Deltas> {
    return this.#each((database, index) => database.delta(marks[index] ?? 0));
  }

  async replay(deltas: Deltas): Promise<void> {
    await this.#each(async (database, index) => {
      const delta = deltas[index];
      if (delta) await database.replay(delta);
    });
  }

  async changesToReplay(): Promise<ChangesToReplay> {
    const [base, baseline, mark] = [this.#base, this.#baseline, this.latest];
    return {
      toBaseline: await this.#each((database, index) => database.delta(base[index] ?? 0, baseline[index])),
      toMark: await this.#each((database, index) => database.delta(baseline[index] ?? 0, mark[index])),
    };
  }

  /** Brings fresh clones to where others were. */
  async takeOver({ toBaseline, toMark }: ChangesToReplay): Promise<void> {
    await this.replay(toBaseline);
    await this.moveBaseline();
    await this.replay(toMark);
    await this.moveMark();
  }

  async end(): Promise<void> {
    await this.#each((database) => database.end());
  }

  /** Connects again after `end`: to the same databases, which are as they were. */
  async reconnect(): Promise<void> {
    await this.#each((database) => database.reconnect(WORKER));
  }

  /** All at once; when one fails the others are still waited for, since what follows uses them. */
  async #each<T>(step: (database: LeasedDatabase, index: number) => Promise<T>): Promise<T[]> {
    const results = await Promise.allSettled(this.#all.map(step));
    return results.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  }
}

function together(rewound: readonly Rewound[]): Rewound {
  return {
    tables: rewound.flatMap(({ tables }) => tables),
    sequences: rewound.flatMap(({ sequences }) => sequences),
    ended: rewound.flatMap(({ ended }) => ended),
    ms: Math.max(...rewound.map(({ ms }) => ms)),
    waited: Math.max(...rewound.map(({ waited }) => waited)),
  };
}
