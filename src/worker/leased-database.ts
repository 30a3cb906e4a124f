// One database of a worker's stack, over a control connection of its own. Nobody else is asked: this is on every test's way.
// Where Postgres has ended the connection there is another; where the database is not the same any more, a fresh one is to be.
import type { Sequences } from '../config/options.ts';
import type { SessionNow } from '../failure/failure.ts';
import type { RewindableDatabase } from '../lease/protocol.ts';
import type { Client } from '../postgres/client/connection.ts';
import { guardLeftOpen } from '../postgres/client/left-open.ts';
import { type Change, changes, type FirstChanges, firstChanges } from '../rewind/changes.ts';
import type { Control } from '../rewind/control.ts';
import { type Delta, deltaBetween, replay } from '../rewind/delta.ts';
import { fence } from '../rewind/fence.ts';
import { lookForUnseenDdl, type Mark, mark } from '../rewind/mark.ts';
import type { Quiet } from '../rewind/quiet.ts';
import { type Rewound, rewind } from '../rewind/rewind.ts';
import { goForward, goOnFrom, keepSequences, type Reached, reachedSequences } from '../rewind/sequences.ts';
import { isUntidy, tidy } from '../rewind/tidy.ts';
import { connectControl, isSessionLost } from './control-connection.ts';
import { openSessions } from './open-sessions.ts';

interface Connection {
  readonly client: Client;
  readonly control: Control;
}

export class LeasedDatabase {
  readonly #database: RewindableDatabase;
  readonly #name: string;
  #connection: Promise<Connection> | undefined;
  #connectedBefore = false;
  #rewinds = 0;
  #sequences: Sequences;
  /** Where they were after the last rewind that kept them. */
  #reached: Reached = {};

  /**
   * Connects as `name`, when it is first used, and ends the sessions that others of that name left.
   * @param sequences undefined: as the database's option says
   */
  constructor(database: RewindableDatabase, name: string, sequences: Sequences | undefined) {
    this.#database = database;
    this.#name = name;
    this.#sequences = sequences ?? database.sequences;
  }

  /** What becomes of sequences from now on. @param latest what was marked last */
  async useSequences(sequences: Sequences | undefined, latest: Mark): Promise<void> {
    const asked = sequences ?? this.#database.sequences;
    if (asked === this.#sequences) return;
    this.#sequences = asked;
    await this.#run(async ({ control }) => {
      await keepSequences(control, asked === 'keep');
      if (asked === 'keep') await goForward(control, latest);
    });
  }

  /** Where sequences that are kept are, as far as is known where the database cannot tell any more. */
  async reached(): Promise<Reached | undefined> {
    if (this.#sequences === 'rewind') return undefined;
    return this.#run(({ control }) => reachedSequences(control)).catch(() => this.#reached);
  }

  /** Of a fresh clone. */
  async goOnFrom(reached: Reached): Promise<void> {
    await this.#run(({ control }) => goOnFrom(control, reached));
  }

  /** Marks this moment. What a transaction that is open now commits later counts as later. */
  mark(): Promise<Mark> {
    return this.#run(({ control }) => mark(control));
  }

  /** Waits, for a bounded time, for those who are writing now; then marks. */
  markAfterWriters(): Promise<Mark> {
    return this.#run(async ({ control }) => {
      await fence(control);
      return mark(control);
    });
  }

  /** Not for between two tests: it takes as long as a look at the whole catalog. */
  lookForUnseenDdl(): Promise<void> {
    return this.#run(({ control }) => lookForUnseenDdl(control));
  }

  rewind(to: Mark, quiet?: Quiet): Promise<Rewound> {
    return this.#run(async ({ client, control }) => {
      guardLeftOpen(client.port); // what the fence ends may be this worker's own
      const rewound = await rewind(control, to, { quiet });
      this.#rewinds += 1;
      if (isUntidy(this.#rewinds, rewound)) await tidy(control);
      if (this.#sequences === 'keep') this.#reached = await reachedSequences(control);
      return rewound;
    });
  }

  /** Net row changes since the mark. */
  changes(since: Mark): Promise<Change[]> {
    return this.#run(({ control }) => changes(control, since));
  }

  /** The first of them, for people. */
  firstChanges(since: Mark, most: { rows: number; characters: number }): Promise<FirstChanges> {
    return this.#run(({ control }) => firstChanges(control, since, most));
  }

  /** Others' than ours. */
  sessions(): Promise<SessionNow[]> {
    return this.#run(({ control }) => openSessions(control));
  }

  /** What was written from one mark to a later one, or until now, for another database of the same template. */
  delta(since: Mark, until?: Mark): Promise<Delta> {
    return this.#run(({ control }) => deltaBetween(control, since, until));
  }

  /** Not tried twice: what was written before the connection was lost would be there twice. */
  async replay(delta: Delta): Promise<void> {
    const { control } = await this.#connect();
    await replay(control, delta);
  }

  /** What comes after it connects again. */
  async end(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    const client = (await connection?.catch(() => undefined))?.client; // whoever asked for it has its error
    if (!client) return;
    guardLeftOpen(client.port);
    await client.end().catch(() => {}); // The database may be gone.
  }

  /** Where Postgres has ended the connection, `step` gets another: each changes nothing, or the same again. */
  async #run<T>(step: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      return await step(await this.#connect());
    } catch (error) {
      if (!isSessionLost(error)) throw error;
      await this.end();
      return step(await this.#connect());
    }
  }

  #connect(): Promise<Connection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const connection = await connectControl(this.#database, this.#name, this.#connectedBefore ? 'again' : 'first');
    connection.client.once('end', () => {
      this.#connection = undefined;
    });
    if (this.#sequences === 'keep') await keepSequences(connection.control, true);
    this.#connectedBefore = true;
    return connection;
  }
}
