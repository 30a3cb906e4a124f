// The database of a worker's stack, as far as it goes back and forth: a control connection, and the marks of this lease.
// Nobody else is asked: this is on every test's way.
import { type Client, connect } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { type Change, changes, type FirstChanges, firstChanges } from '../rewind/changes.ts';
import { type Control, openControl } from '../rewind/control.ts';
import { type Delta, deltaBetween, replay } from '../rewind/delta.ts';
import { fence } from '../rewind/fence.ts';
import { type Mark, mark } from '../rewind/mark.ts';
import { type Rewound, rewind } from '../rewind/rewind.ts';
import { isUntidy, tidy } from '../rewind/tidy.ts';

export class LeasedDatabase {
  readonly #url: string;
  #client: Client;
  #control: Control;
  /** Where the stack's leases start, and what of it is this lease's: the last checkpoint, or the end of its set-up. */
  #base: Mark;
  #baseline: Mark;
  /** What the database was marked or rewound as, and is; undefined: something was written that stays. */
  #mark: Mark | undefined;
  #rewinds = 0;

  private constructor(url: string, client: Client, control: Control, base: Mark) {
    this.#url = url;
    this.#client = client;
    this.#control = control;
    this.#base = base;
    this.#baseline = base;
  }

  /** Connects as `name`, and ends the sessions that others of that name left. */
  static async connect(url: string, base: Mark, name: string): Promise<LeasedDatabase> {
    const client = await connectAs(url, name);
    await client.query(END_EARLIER, [`${name}%`]);
    return new LeasedDatabase(url, client, await openControl(client), base);
  }

  /** Connects again, as `name`, after `end`. */
  async comeBack(name: string): Promise<void> {
    this.#client = await connectAs(this.#url, name);
    this.#control = await openControl(this.#client);
  }

  /** Adds preludes to what is there, and makes it the base: where leases of this stack start. */
  async add(preludes: readonly Delta[]): Promise<Mark> {
    for (const delta of preludes) await replay(this.#control, delta);
    this.#base = await this.checkpoint();
    return this.#base;
  }

  /** Everything that is there now is where the groups of this lease begin. */
  async checkpoint(): Promise<Mark> {
    await fence(this.#control, PATIENCE);
    this.#baseline = await mark(this.#control);
    this.#mark = this.#baseline;
    return this.#baseline;
  }

  /** A group begins. */
  toBaseline(): Promise<Rewound> {
    this.#mark = this.#baseline;
    return this.#rewindTo(this.#baseline);
  }

  /** A test or hook begins: what was written since the last rewind is undone, or is part of what the test starts from. */
  async settle(): Promise<Rewound | undefined> {
    if (this.#mark !== undefined) return this.#rewindTo(this.#mark);
    await fence(this.#control, PATIENCE);
    this.#mark = await mark(this.#control);
    return undefined;
  }

  /** Back to where the last `settle` was. */
  undo(): Promise<Rewound> {
    return this.#rewindTo(this.#mark ?? this.#baseline);
  }

  /** What was written stays, until the next group. */
  keep(): void {
    this.#mark = undefined;
  }

  mark(): Promise<Mark> {
    return mark(this.#control);
  }

  /** Back to a mark within the test. */
  rewindTo(to: Mark): Promise<Rewound> {
    return rewind(this.#control, to);
  }

  /** Net row changes since the last `settle`. */
  changes(): Promise<Change[]> {
    return changes(this.#control, this.#mark ?? this.#baseline);
  }

  /** The first of them, for people. */
  firstChanges(most: { rows: number; characters: number }): Promise<FirstChanges> {
    return firstChanges(this.#control, this.#mark ?? this.#baseline, most);
  }

  /** What was written since the lease's base. */
  delta(): Promise<Delta> {
    return this.deltaSince(this.#base);
  }

  deltaSince(mark: Mark): Promise<Delta> {
    return deltaBetween(this.#control, mark);
  }

  replay(delta: Delta): Promise<void> {
    return replay(this.#control, delta);
  }

  /** What a fresh clone must get back to be where this one was: at its baseline, and from there at the last `settle`. */
  async past(): Promise<readonly [Delta, Delta]> {
    const toBaseline = await deltaBetween(this.#control, this.#base, this.#baseline);
    const here = this.#mark ?? this.#baseline;
    return [toBaseline, await deltaBetween(this.#control, this.#baseline, here)];
  }

  /** Takes over what another clone's `past` said; for the fresh one. */
  async resume([toBaseline, toMark]: readonly [Delta, Delta]): Promise<void> {
    await replay(this.#control, toBaseline);
    await this.checkpoint();
    await replay(this.#control, toMark);
    this.#mark = await mark(this.#control);
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => {}); // The database may be gone.
  }

  async #rewindTo(to: Mark): Promise<Rewound> {
    const rewound = await rewind(this.#control, to, PATIENCE);
    this.#mark = to;
    this.#rewinds += 1;
    if (isUntidy(this.#rewinds, rewound)) await tidy(this.#control);
    return rewound;
  }
}

function connectAs(url: string, name: string): Promise<Client> {
  return connect({ connectionString: url }, serverTitle(url), { purpose: 'control', name });
}

/** Milliseconds that the application's statements and transactions get to end by themselves. */
const PATIENCE = { active: 1000, writing: 5000 };

const END_EARLIER = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE datname = pg_catalog.current_database() AND application_name LIKE $1 AND pid <> pg_catalog.pg_backend_pid()`;
