// The databases of a worker's stack, going back and forth together.
import type { Deltas, Marks, Rewindable } from '../lease/protocol.ts';
import { WORKER } from '../names.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import type { Delta } from '../rewind/delta.ts';
import type { Rewound } from '../rewind/rewind.ts';
import { LeasedDatabase } from './leased-database.ts';

export class LeasedDatabases {
  readonly #all: readonly LeasedDatabase[];
  readonly #names: readonly string[];

  private constructor(all: readonly LeasedDatabase[], names: readonly string[]) {
    this.#all = all;
    this.#names = names;
  }

  /** Connects, and ends the sessions that earlier workers left: their statements may go on, and commit. */
  static async connect({ databases }: Rewindable): Promise<LeasedDatabases> {
    const all = await Promise.all(databases.map(({ url, base }) => LeasedDatabase.connect(url, base, WORKER)));
    return new LeasedDatabases(
      all,
      databases.map(({ name }) => name),
    );
  }

  /** Adds preludes to what is there, and makes it the base: where leases of this stack start. */
  add(preludes: readonly Deltas[]): Promise<Marks> {
    return this.#each((database, index) => database.add(preludes.flatMap((deltas) => deltas[index] ?? [])));
  }

  async checkpoint(): Promise<void> {
    await this.#each((database) => database.checkpoint());
  }

  async toBaseline(): Promise<Rewound> {
    return together(await this.#each((database) => database.toBaseline()));
  }

  async settle(): Promise<Rewound | undefined> {
    const settled = await this.#each((database) => database.settle());
    const rewound = settled.filter((each) => each !== undefined);
    return rewound.length > 0 ? together(rewound) : undefined;
  }

  async undo(): Promise<Rewound> {
    return together(await this.#each((database) => database.undo()));
  }

  keep(): void {
    for (const database of this.#all) database.keep();
  }

  mark(): Promise<Marks> {
    return this.#each((database) => database.mark());
  }

  async rewindTo(marks: Marks): Promise<Rewound> {
    return together(await this.#each((database, index) => database.rewindTo(marks[index] ?? 0)));
  }

  /** Those of other databases than the first say which. */
  async changes(): Promise<Change[]> {
    return this.#named(await this.#each((database) => database.changes()));
  }

  /** The first of them, for people. */
  async firstChanges(most: { rows: number; characters: number }): Promise<FirstChanges> {
    const all = await this.#each((database) => database.firstChanges(most));
    const rows = all.reduce((sum, each) => sum + each.rows, 0);
    return { changes: this.#named(all.map(({ changes }) => changes)).slice(0, most.rows), rows };
  }

  #named(changes: readonly (readonly Change[])[]): Change[] {
    return changes.flatMap((own, index) =>
      index === 0 ? own : own.map((change) => ({ database: this.#names[index], ...change })),
    );
  }

  delta(): Promise<Deltas> {
    return this.#each((database) => database.delta());
  }

  deltaSince(marks: Marks): Promise<Deltas> {
    return this.#each((database, index) => database.deltaSince(marks[index] ?? 0));
  }

  async replay(deltas: Deltas): Promise<void> {
    await this.#each(async (database, index) => {
      const delta = deltas[index];
      if (delta) await database.replay(delta);
    });
  }

  past(): Promise<readonly (readonly [Delta, Delta])[]> {
    return this.#each((database) => database.past());
  }

  async resume(past: Awaited<ReturnType<LeasedDatabases['past']>>): Promise<void> {
    await this.#each(async (database, index) => {
      const own = past[index];
      if (own) await database.resume(own);
    });
  }

  async end(): Promise<void> {
    await this.#each((database) => database.end());
  }

  /** Connects again after `end`: to the same databases, which are as they were. */
  async comeBack(): Promise<void> {
    await this.#each((database) => database.comeBack(WORKER));
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
