// A worker's use of its stack: the lease, the databases and servers that came with it, and a fresh clone in their place
// when the databases cannot be rewound.
import { messageOf } from '../errors.ts';
import type { Origin, TestRef, WorkerEvent } from '../events.ts';
import type { Lease } from '../lease/client.ts';
import {
  areEmpty,
  type Marks,
  type Request,
  type Response,
  type RewoundTest,
  type WorkerConnection,
} from '../lease/protocol.ts';
import type { StackInfo } from '../lease/run-file.ts';
import { sessionsOpened } from '../postgres/client/connection.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import { PRIVILEGE_HINT } from '../rewind/grant.ts';
import { RewindImpossible } from '../rewind/impossible.ts';
import type { Rewound } from '../rewind/rewind.ts';
import { WorkerFixtureRows } from './fixture-rows.ts';
import { LeasedDatabases } from './leased-databases.ts';
import { LeasedWorkspace } from './leased-workspace.ts';
import type { ServerState } from './server-state.ts';
import { asImpossible, irrecoverable, orSessionLost, refusal } from './session-errors.ts';

export type Ready = Extract<Response, { type: 'ready' }>;

/** Of hooks and worker fixtures. */
const NOBODY: Origin = { test: undefined, scope: 'group' };

export class Session {
  readonly #lease: Lease;
  readonly #servers: ServerState;
  readonly #fixtureRows: WorkerFixtureRows;
  #ready: Ready;
  #databases: LeasedDatabases;
  #workspace: LeasedWorkspace | undefined;
  /** Nothing can be done on the stack any more: a test has failed for it. */
  #lost = false;

  private constructor(lease: Lease, ready: Ready, servers: ServerState) {
    this.#lease = lease;
    this.#ready = ready;
    this.#databases = new LeasedDatabases(ready.rewindable);
    this.#servers = servers;
    this.#fixtureRows = new WorkerFixtureRows(lease, ready.fixtures);
  }

  /** Brings the leased stack to where every lease starts. */
  static async begin(lease: Lease, ready: Ready, servers: ServerState): Promise<Session> {
    const session = new Session(lease, ready, servers);
    await session.#databases.lookForUnseenDdl().catch((error) => {
      if (!(error instanceof RewindImpossible)) throw orSessionLost(error); // else the rewind meets it, too
    });
    await session.#openWorkspace();
    await session.rewindToBaseline({ test: ready.last, scope: 'group' });
    await session.#addPreludes();
    if (ready.servers === 'used') await session.restartOrReset('group');
    return session;
  }

  /** Undefined: the stack has none. */
  get workspace(): LeasedWorkspace | undefined {
    return this.#workspace;
  }

  get stack(): StackInfo {
    return this.#ready.stack;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  emit(event: WorkerEvent): void {
    this.#lease.notify({ type: 'event', event });
  }

  /** What a server of the stack said when it ended during the test that ends now. */
  takeCrash(): string | undefined {
    return this.#lease.takeServerExit();
  }

  get hasCrashed(): boolean {
    return this.#lease.hasServerExited;
  }

  /** Starts a server again that ended between two tests, too late to fail one. */
  async restartCrashedServers(): Promise<void> {
    if (this.#lease.takeServerExit() === undefined) return;
    this.#ready = await this.#request({ type: 'restart', servers: [] });
  }

  /**
   * A test has ended: it is looked where its own code is connected, and the servers, as long as they were not seen on the
   * stack's databases.
   */
  async prove(connections: readonly WorkerConnection[] = []): Promise<void> {
    if ((this.#ready.proved && connections.length === 0) || this.isLost) return;
    const counts = this.stack.databases.map(({ database }) => sessionsOpened(database));
    const sessions = counts.reduce((sum, count) => sum + count, 0);
    this.#ready = await this.#request({ type: 'prove', connections, sessions });
  }

  /** Those servers that are to be new after each test or group are, and the others forget what their `reset` makes them. */
  async restartOrReset(after: 'test' | 'group'): Promise<void> {
    const servers = this.#servers.toRestart(after);
    const copies = this.#servers.hasCopies(after) ? after : undefined;
    if (servers.length > 0 || copies) this.#ready = await this.#request({ type: 'restart', servers, copies });
    await this.#servers.reset();
  }

  waitUntilIdle(): Promise<void> {
    return this.#servers.idle();
  }

  /** Whether everything since the mark is to be undone. */
  get isMarked(): boolean {
    return this.#databases.isMarked;
  }

  /** What is there now is what the next test starts from. `origin`: what has ended. */
  async moveMark(origin: Origin): Promise<void> {
    await this.#databases.moveMark().catch((error) => {
      throw error instanceof RewindImpossible ? irrecoverable(error, origin, error) : orSessionLost(error);
    });
    await this.#inWorkspace(origin, (workspace) => workspace.moveMark());
  }

  /** What is there now is what the groups of this lease start from. */
  async moveBaseline(): Promise<void> {
    await this.#databases.moveBaseline();
    await this.#inWorkspace(NOBODY, (workspace) => workspace.moveBaseline());
  }

  /** What was committed in the worktree is known until the end of the run, whatever becomes of the worktree. */
  async keepCommits(test: TestRef): Promise<void> {
    const origin: Origin = { test, scope: 'test' };
    if (!this.#lost) await this.#inWorkspace(origin, (workspace) => workspace.keepCommits(origin));
  }

  /** What was written since the mark stays, until the next group. */
  carryOver(): void {
    this.#databases.carryOver();
  }

  /** Returns nothing where a fresh clone had to take the place of the databases. */
  async rewindToMark(origin: Origin): Promise<Rewound | undefined> {
    const rewound = await this.#rewind(origin);
    if (await this.#fixtureRows.replayAfter(this.#databases.latest, this.#databases)) await this.#databases.moveMark();
    await this.#inWorkspace(origin, (workspace) => workspace.resetToMark(origin));
    return rewound;
  }

  async rewindToBaseline(origin: Origin): Promise<void> {
    this.#databases.forgetMark();
    await this.#rewind(origin);
    if (await this.#fixtureRows.replayAfter(this.#databases.baseline, this.#databases)) {
      await this.#databases.moveBaseline();
    }
    await this.#inWorkspace(origin, (workspace) => workspace.resetToBaseline(origin));
  }

  /** The first group begins: what was written until now is the worker fixtures'. */
  async beginFirstGroup(): Promise<void> {
    await this.#fixtureRows.keepInBaseline(this.#databases);
    await this.#inWorkspace(NOBODY, (workspace) => workspace.moveBaseline());
  }

  /** A worker fixture is set up within a test or hook; what is returned is called when it is. */
  beginFixture(name: string): Promise<() => Promise<void>> {
    return this.#fixtureRows.begin(name, this.#databases);
  }

  /** Net row changes since the test began. */
  changes(): Promise<Change[]> {
    return this.#databases.changes();
  }

  /** The first of them, for people. */
  firstChanges(most: { rows: number; characters: number }): Promise<FirstChanges> {
    return this.#databases.firstChanges(most);
  }

  /** The last test before this one, of its file or else of another, and in whatever worker, whose rows were rewound. */
  async rewoundBefore(test: TestRef): Promise<RewoundTest | undefined> {
    return this.#lost ? undefined : (await this.#request({ type: 'rewound', test })).rewound;
  }

  /** Marks this moment of a test. */
  mark(): Promise<Marks> {
    return this.#databases.mark();
  }

  /** Back to a moment of the test. */
  async rewindTo(marks: Marks): Promise<void> {
    await this.#databases.rewindTo(marks);
    await this.#fixtureRows.replayAfter(marks, this.#databases);
  }

  /** Waits until no other slot runs a test of a setup project. Returns what is called after the test. */
  async beginTurn(): Promise<(outcome: 'passed' | 'failed') => Promise<void>> {
    this.#ready = await this.#request({ type: 'turn' });
    const preludes = await this.#addPreludes();
    return async (outcome) => {
      const prelude = outcome === 'passed' ? await this.#databases.deltaSinceBase() : undefined;
      if (!prelude || areEmpty(prelude)) return this.#lease.notify({ type: 'turn-over' });
      this.#lease.notify({ type: 'turn-over', prelude });
      this.#lease.notify({ type: 'base', marks: await this.#databases.moveBase([]), preludes: preludes + 1 });
    };
  }

  /** Sets the databases aside as `test` left them. Returns how they are opened, if they could be kept. */
  async setAside(test: TestRef): Promise<string | undefined> {
    if (this.#lost) return undefined;
    this.#lost = true;
    await this.#databases.end();
    this.#ready = await this.#request({ type: 'keep', test });
    this.#lost = false;
    return this.#ready.kept;
  }

  async #rewind(origin: Origin): Promise<Rewound | undefined> {
    try {
      return await this.#databases.rewindTo(this.#databases.latest);
    } catch (error) {
      const impossible = asImpossible(error);
      if (!impossible) throw orSessionLost(error);
      await this.#openFresh(impossible, origin);
      return undefined;
    }
  }

  async #openFresh(error: RewindImpossible, origin: Origin): Promise<void> {
    const began = performance.now();
    const broken = this.#databases;
    this.#lost = true;
    const orIrrecoverable = (cause: unknown) => {
      throw irrecoverable(error, origin, cause);
    };
    const changes = await broken.changesToReplay().catch(orIrrecoverable);
    if (this.#workspace?.isAtBase === false) orIrrecoverable(new Error('hooks or worker fixtures have written files'));
    await broken.end();
    this.#ready = await this.#request({ type: 'fresh' });
    this.#databases = new LeasedDatabases(this.#ready.rewindable);
    await this.#openWorkspace();
    await this.#addPreludes();
    await this.#databases.takeOver(changes).catch(orIrrecoverable);
    this.#fixtureRows.moveTo(this.#databases, { baseline: broken.baseline, mark: broken.latest });
    this.#lost = false;
    const ms = Math.round(performance.now() - began);
    const { reason, why: what } = error;
    const hint = reason === 'privilege' && { hint: PRIVILEGE_HINT };
    this.emit({ type: 'rewind-impossible', ...origin, reason, what, ...hint, ms });
  }

  async #openWorkspace(): Promise<void> {
    this.#workspace?.close();
    const { workspace } = this.#ready.stack;
    this.#workspace = workspace && (await LeasedWorkspace.open(workspace, (event) => this.emit(event)));
  }

  /** A worktree that cannot be brought back is made anew, with all of the stack. */
  async #inWorkspace(origin: Origin, work: (workspace: LeasedWorkspace) => Promise<void>): Promise<void> {
    if (!this.#workspace) return;
    try {
      await work(this.#workspace);
    } catch (error) {
      await this.#openFresh(new RewindImpossible('worktree', messageOf(error), error), origin);
    }
  }

  /** Adds the preludes that the base lacks: once. Returns how many it holds then. */
  async #addPreludes(): Promise<number> {
    const { rewindable } = this.#ready;
    const { applied, preludes: lacking } = rewindable;
    const preludes = applied + lacking.length;
    if (lacking.length > 0) {
      const marks = await this.#databases.moveBase(lacking);
      this.#ready = { ...this.#ready, rewindable: { ...rewindable, applied: preludes, preludes: [] } };
      this.#lease.notify({ type: 'base', marks, preludes });
    }
    return preludes;
  }

  async #request(request: Request): Promise<Ready> {
    const response = await this.#lease.request(request);
    if (response.type !== 'ready') throw refusal(response);
    return response;
  }
}
