// The databases of a worker's stack, and the three moments that they go back to together: the base, where every lease of
// the stack starts; the baseline, where every group of this lease starts; the mark, where the test that runs has started.
import type { Sequences } from '../config/options.ts';
import type { SessionNow } from '../failure/failure.ts';
import { areEmpty, type Deltas, type Marks, type Rewindable } from '../lease/protocol.ts';
import { WORKER } from '../names.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import { NO_CHANGES } from '../rewind/delta.ts';
import type { Quiet } from '../rewind/quiet.ts';
import type { Rewound } from '../rewind/rewind.ts';
import type { Reached } from '../rewind/sequences.ts';
import { LeasedDatabase } from './leased-database.ts';

/** What a fresh clone must get back to be where another one was: from the base to the baseline, from there to the mark. */
export interface ChangesToReplay {
  readonly toBaseline: Deltas;
  readonly toMark: Deltas;
  /** Where sequences go on that are kept. */
  readonly reached: readonly (Reached | undefined)[];
}

export class LeasedDatabases {
  readonly #all: readonly LeasedDatabase[];
  readonly #names: readonly string[];
  #base: Marks;
  #baseline: Marks;
  #sequences: Sequences | undefined;
  /** undefined: what was written since the last one is carried over to the next. */
  #mark: Marks | undefined;
  /** What the baseline holds that the base does not, and the mark that the baseline does not; undefined: the database knows it. */
  #toBaseline: Deltas | undefined;
  #toMark: Deltas | undefined;

  /** Connects when it is first used, and ends the sessions that earlier workers left: their statements may go on, and commit. */
  constructor({ databases }: Rewindable, sequences?: Sequences) {
    this.#all = databases.map((database) => new LeasedDatabase(database, WORKER, sequences));
    this.#sequences = sequences;
    this.#names = databases.map(({ name }) => name);
    this.#base = databases.map(({ base }) => base);
    this.#baseline = this.#base;
    this.#toBaseline = this.#nothing;
    this.#toMark = this.#nothing;
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

  /** Whether nothing was written between the baseline and the mark. */
  get isAtBaseline(): boolean {
    return this.#mark?.every((mark, index) => mark === this.#baseline[index]) ?? false;
  }

  /** What is there now is what the next test starts from. */
  async moveMark(): Promise<void> {
    this.#toMark = undefined;
    this.#mark = await this.#each((database) => database.markAfterWriters());
  }

  /** What is there now is what the groups of this lease start from. `written`: all that was since the base. */
  async moveBaseline(written?: Deltas): Promise<void> {
    await this.moveMark();
    this.#baseline = this.latest;
    this.#toBaseline = written && areEmpty(written) ? this.#nothing : undefined;
    this.#toMark = this.#nothing;
  }

  /** Adds preludes to what is there, and makes it what the leases of this stack start from. */
  async moveBase(preludes: readonly Deltas[]): Promise<Marks> {
    for (const deltas of preludes) await this.replay(deltas);
    await this.moveBaseline(this.#nothing);
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
    this.#toMark = this.#nothing;
  }

  async lookForUnseenDdl(): Promise<void> {
    await this.#each((database) => database.lookForUnseenDdl());
  }

  /** @param quiet how long the application is to have been quiet */
  async rewindTo(marks: Marks, quiet?: Quiet): Promise<Rewound> {
    return together(await this.#each((database, index) => database.rewind(marks[index] ?? 0, quiet)));
  }

  /** What the project or the file says of sequences; undefined: as the options of each database say. */
  get sequences(): Sequences | undefined {
    return this.#sequences;
  }

  /** From now on. */
  async useSequences(sequences: Sequences | undefined): Promise<void> {
    this.#sequences = sequences;
    const latest = this.latest;
    await this.#each((database, index) => database.useSequences(sequences, latest[index] ?? 0));
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

  /** Others' than ours, of all databases. */
  async sessions(): Promise<SessionNow[]> {
    return (await this.#each((database) => database.sessions())).flat();
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

  /** Asks a database only for what is not known without it: it may be gone. */
  async changesToReplay(): Promise<ChangesToReplay> {
    const [base, baseline, mark] = [this.#base, this.#baseline, this.#mark];
    const between = (since: Marks, until: Marks) =>
      this.#each((database, index) => database.delta(since[index] ?? 0, until[index]));
    return {
      toBaseline: this.#toBaseline ?? (await between(base, baseline)),
      toMark: mark === undefined ? this.#nothing : (this.#toMark ?? (await between(baseline, mark))),
      reached: await this.#each((database) => database.reached()),
    };
  }

  /** Brings fresh clones to where others were. */
  async takeOver({ toBaseline, toMark, reached }: ChangesToReplay): Promise<void> {
    await this.replay(toBaseline);
    await this.moveBaseline(toBaseline);
    await this.replay(toMark);
    await this.moveMark();
    if (areEmpty(toMark)) this.#toMark = toMark;
    await this.#each(async (database, index) => {
      const own = reached[index];
      if (own) await database.goOnFrom(own);
    });
  }

  /** What comes after it connects again. */
  async end(): Promise<void> {
    await this.#each((database) => database.end());
  }

  get #nothing(): Deltas {
    return this.#all.map(() => NO_CHANGES);
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
    heard: {
      waited: Math.max(...rewound.map(({ heard }) => heard.waited)),
      ranOut: rewound.some(({ heard }) => heard.ranOut),
      silence: Math.max(...rewound.map(({ heard }) => heard.silence)),
      wrote: rewound.some(({ heard }) => heard.wrote),
      last: latestOf(rewound.map(({ heard }) => heard.last)),
    },
  };
}

function latestOf(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
