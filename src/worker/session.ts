// A worker's use of its stack: the lease, and how the stack comes back to where it was.
import type { WorkerEvent } from '../events.ts';
import type { Lease } from '../lease/client.ts';
import { type Answer, areEmpty, type EndedTest, type Marks } from '../lease/protocol.ts';
import type { StackInfo } from '../lease/run-file.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import { RewindImpossible } from '../rewind/impossible.ts';
import type { Rewound } from '../rewind/rewind.ts';
import { FixtureRows } from './fixture-rows.ts';
import { LeasedDatabases } from './leased-databases.ts';
import type { ServerState } from './server-state.ts';
import { irrecoverable, orSessionLost, refusal } from './session-errors.ts';

export type Ready = Extract<Answer, { type: 'ready' }>;

/** Whether a group of tests begins at the baseline, or where the one before it ended. */
export type GroupStart = 'baseline' | 'as it is';

export class Session {
  readonly #lease: Lease;
  readonly #state: ServerState;
  #ready: Ready;
  #database: LeasedDatabases;
  /** No group has begun: what is written belongs to worker fixtures. */
  #isNew = true;
  readonly #fixtures: FixtureRows;
  #ended = { test: '', at: 0 };
  /** Nothing can be done on the stack any more: a test has failed for it. */
  #lost = false;

  private constructor(lease: Lease, ready: Ready, database: LeasedDatabases, state: ServerState) {
    this.#lease = lease;
    this.#ready = ready;
    this.#database = database;
    this.#state = state;
    this.#fixtures = new FixtureRows(lease, ready.fixtures);
  }

  /** Brings the leased stack to where every lease starts. */
  static async begin(lease: Lease, ready: Ready, state: ServerState): Promise<Session> {
    const session = new Session(lease, ready, await LeasedDatabases.connect(ready.rewindable), state);
    await session.#enter();
    await session.#freshServers(ready.servers === 'used' ? 'group' : undefined);
    return session;
  }

  get stack(): StackInfo {
    return this.#ready.stack;
  }

  tell(event: WorkerEvent): void {
    this.#lease.tell({ type: 'event', event });
  }

  /** What a server of the stack said when it ended during the test that ends now. */
  takeCrash(): string | undefined {
    return this.#lease.takeNotice();
  }

  get hasCrashed(): boolean {
    return this.#lease.hasNotice;
  }

  /** Before a test or hook: a server that ended between two tests, too late for the one before, is started again. */
  async mend(): Promise<void> {
    const message = this.#lease.takeNotice();
    if (message === undefined) return;
    this.tell({ type: 'server-exited', test: this.#ended.test, message });
    const answer = await this.#lease.ask({ type: 'restart', servers: [] });
    if (answer.type !== 'ready') throw refusal(answer);
    this.#ready = answer;
  }

  /** A group begins. */
  async beginGroup(start: GroupStart, test: string): Promise<void> {
    if (this.#lost) return;
    const isNew = this.#isNew;
    this.#isNew = false;
    if (isNew) return this.#fixtures.keep(this.#database);
    if (start === 'as it is') return this.settle(test);
    await this.#back(test, (database) => database.toBaseline());
    await this.#fixtures.backAtBaseline(this.#database);
    await this.#freshServers('group');
  }

  /** A test or hook begins: late writes of the one before are undone and told. */
  async settle(test: string): Promise<void> {
    if (this.#lost) return;
    const late = await this.#back(test, (database) => database.settle());
    if (!late || late.tables.length === 0) return;
    const ms = Math.round(performance.now() - this.#ended.at);
    this.tell({ type: 'late-writes', test: this.#ended.test, tables: late.tables, ms });
  }

  /** A test has ended: the database is what it was when it began. Returns what was undone. */
  async undo(test: string): Promise<Rewound | undefined> {
    if (this.#lost) return undefined;
    await this.#state.idle();
    const rewound = await this.#back(test, (database) => database.undo());
    if (rewound) {
      const { tables, ms, waited } = rewound;
      const ended = rewound.ended.map(({ query, state }) => query ?? state);
      this.tell({ type: 'rewound', test, tables, ms, waited, ended });
    }
    await this.#fixtures.backAfterTest(this.#database);
    await this.#freshServers('test');
    this.#ended = { test, at: performance.now() };
    return rewound;
  }

  /** A test has ended: sets its databases aside as it left them. Returns how they are opened, if they could be kept. */
  async setAside(test: EndedTest): Promise<string | undefined> {
    if (this.#lost) return undefined;
    this.#lost = true;
    await this.#database.end();
    const answer = await this.#lease.ask({ type: 'keep', test });
    if (answer.type !== 'ready') throw refusal(answer);
    this.#ready = answer;
    await this.#database.comeBack();
    this.#lost = false;
    return answer.kept;
  }

  /** What was written stays until the next group. */
  keep(): void {
    this.#database.keep();
  }

  /** Everything that is there now is where this lease's groups begin. */
  async checkpoint(): Promise<void> {
    await this.#database.checkpoint();
  }

  /** A worker fixture is set up within a test: `done` keeps what it wrote in between for the worker's other tests. */
  async beginFixture(name: string): Promise<() => Promise<void>> {
    const database = this.#database;
    return !this.#isNew ? this.#fixtures.begin(name, database) : async () => {};
  }

  /** Runs a test of a setup project alone among the slots; what it changed, if it passed, is on every stack from then on. */
  async beginTurn(): Promise<(outcome: 'passed' | 'failed') => Promise<void>> {
    const answer = await this.#lease.ask({ type: 'turn' });
    if (answer.type !== 'ready') throw refusal(answer);
    const { rewindable } = answer;
    const database = this.#database;
    const preludes = rewindable.applied + rewindable.preludes.length;
    if (rewindable.preludes.length > 0) {
      this.#lease.tell({ type: 'base', marks: await database.add(rewindable.preludes), preludes });
    }
    return async (outcome) => {
      const prelude = outcome === 'passed' ? await database.delta() : undefined;
      if (!prelude || areEmpty(prelude)) return this.#lease.tell({ type: 'turn-over' });
      this.#lease.tell({ type: 'turn-over', prelude });
      this.#lease.tell({ type: 'base', marks: await database.add([]), preludes: preludes + 1 });
    };
  }

  /** Net row changes since the test began. */
  changes(): Promise<Change[]> {
    return this.#database.changes();
  }

  /** The first of them, for people. */
  firstChanges(most: { rows: number; characters: number }): Promise<FirstChanges> {
    return this.#database.firstChanges(most);
  }

  mark(): Promise<Marks> {
    return this.#database.mark();
  }

  rewindTo(marks: Marks): Promise<Rewound> {
    return this.#database.rewindTo(marks);
  }

  async #enter(): Promise<void> {
    await this.#back('an earlier worker', (database) => database.toBaseline());
    await this.#addPreludes();
  }

  async #addPreludes(): Promise<void> {
    const { rewindable } = this.#ready;
    if (rewindable.preludes.length === 0) return;
    const marks = await this.#database.add(rewindable.preludes);
    this.#lease.tell({ type: 'base', marks, preludes: rewindable.applied + rewindable.preludes.length });
  }

  /** Rewinds, or has the stack opened anew where that is impossible. */
  async #back<T>(test: string, rewind: (database: LeasedDatabases) => Promise<T>): Promise<T | undefined> {
    try {
      return await rewind(this.#database);
    } catch (error) {
      if (!(error instanceof RewindImpossible)) throw orSessionLost(error);
      await this.#openAnew(this.#database, error, test);
      return undefined;
    }
  }

  async #openAnew(broken: LeasedDatabases, error: RewindImpossible, test: string): Promise<void> {
    const began = performance.now();
    this.#lost = true;
    const past = await broken.past().catch((cause) => {
      throw irrecoverable(error, test, cause);
    });
    await broken.end();
    await this.#adopt(await this.#lease.ask({ type: 'fresh' }));
    await this.#database.resume(past).catch((cause) => {
      throw irrecoverable(error, test, cause);
    });
    this.#lost = false;
    const ms = Math.round(performance.now() - began);
    this.tell({ type: 'rewind-impossible', test, reason: error.reason, what: error.why, ms });
  }

  async #adopt(answer: Answer): Promise<void> {
    if (answer.type !== 'ready') throw refusal(answer);
    this.#ready = answer;
    this.#database = await LeasedDatabases.connect(answer.rewindable);
    await this.#addPreludes();
  }

  async #freshServers(after: 'test' | 'group' | undefined): Promise<void> {
    const names = after ? this.#state.toRestart(after) : [];
    if (names.length > 0) {
      const answer = await this.#lease.ask({ type: 'restart', servers: names });
      if (answer.type !== 'ready') throw refusal(answer);
      this.#ready = answer;
    }
    if (after) await this.#state.reset();
  }
}
