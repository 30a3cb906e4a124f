// One database of a worker's stack, over a control connection of its own. Nobody else is asked: this is on every test's way.
import { type Client, connect } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { guardLeftOpen } from '../postgres/client/left-open.ts';
import { type Change, changes, type FirstChanges, firstChanges } from '../rewind/changes.ts';
import { type Control, openControl } from '../rewind/control.ts';
import { type Delta, deltaBetween, replay } from '../rewind/delta.ts';
import { fence } from '../rewind/fence.ts';
import { lookForUnseenDdl, type Mark, mark } from '../rewind/mark.ts';
import { type Rewound, rewind } from '../rewind/rewind.ts';
import { isUntidy, tidy } from '../rewind/tidy.ts';

export class LeasedDatabase {
  readonly #url: string;
  #client: Client;
  #control: Control;
  #rewinds = 0;

  private constructor(url: string, client: Client, control: Control) {
    this.#url = url;
    this.#client = client;
    this.#control = control;
  }

  /** Connects as `name`, and ends the sessions that others of that name left. */
  static async connect(url: string, name: string): Promise<LeasedDatabase> {
    const client = await connectAs(url, name);
    await client.query(END_EARLIER, [`${name}%`]);
    return new LeasedDatabase(url, client, await openControl(client));
  }

  /** Connects again, as `name`, after `end`. */
  async reconnect(name: string): Promise<void> {
    this.#client = await connectAs(this.#url, name);
    this.#control = await openControl(this.#client);
  }

  /** Marks this moment. What a transaction that is open now commits later counts as later. */
  mark(): Promise<Mark> {
    return mark(this.#control);
  }

  /** Waits, for a bounded time, for those who are writing now; then marks. */
  async markAfterWriters(): Promise<Mark> {
    await fence(this.#control);
    return mark(this.#control);
  }

  /** Not for between two tests: it takes as long as a look at the whole catalog. */
  lookForUnseenDdl(): Promise<void> {
    return lookForUnseenDdl(this.#control);
  }

  async rewind(to: Mark): Promise<Rewound> {
    guardLeftOpen(this.#client.port); // what the fence ends may be this worker's own
    const rewound = await rewind(this.#control, to);
    this.#rewinds += 1;
    if (isUntidy(this.#rewinds, rewound)) await tidy(this.#control);
    return rewound;
  }

  /** Net row changes since the mark. */
  changes(since: Mark): Promise<Change[]> {
    return changes(this.#control, since);
  }

  /** The first of them, for people. */
  firstChanges(since: Mark, most: { rows: number; characters: number }): Promise<FirstChanges> {
    return firstChanges(this.#control, since, most);
  }

  /** What was written from one mark to a later one, or until now, for another database of the same template. */
  delta(since: Mark, until?: Mark): Promise<Delta> {
    return deltaBetween(this.#control, since, until);
  }

  replay(delta: Delta): Promise<void> {
    return replay(this.#control, delta);
  }

  async end(): Promise<void> {
    guardLeftOpen(this.#client.port);
    await this.#client.end().catch(() => {}); // The database may be gone.
  }
}

function connectAs(url: string, name: string): Promise<Client> {
  return connect({ connectionString: url }, serverTitle(url), { purpose: 'control', name });
}

const END_EARLIER = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE datname = pg_catalog.current_database() AND application_name LIKE $1 AND pid <> pg_catalog.pg_backend_pid()`;
