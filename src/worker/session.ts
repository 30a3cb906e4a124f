// A worker's use of its stack: the databases, the servers and the worktree that came with its lease, and a fresh stack in
// their place when they cannot be brought back.
import type { Sequences } from '../config/options.ts';
import type { Origin, TestRef, WorkerEvent } from '../events.ts';
import type { SessionNow } from '../failure/failure.ts';
import type { Lease } from '../lease/client.ts';
import type { Marks, RewoundTest, WorkerConnection } from '../lease/protocol.ts';
import type { StackInfo } from '../lease/run-file.ts';
import type { Change, FirstChanges } from '../rewind/changes.ts';
import { RewindImpossible } from '../rewind/impossible.ts';
import type { Rewound } from '../rewind/rewind.ts';
import { WorkerFixtureRows } from './fixture-rows.ts';
import { LeasedDatabases } from './leased-databases.ts';
import { LeasedPreludes } from './leased-preludes.ts';
import { LeasedServers } from './leased-servers.ts';
import type { LeasedWorkspace } from './leased-workspace.ts';
import type { RewindWhen } from './quiet-time.ts';
import { ReplaceableWorkspace } from './replaceable-workspace.ts';
import { impossibleEvent, rewoundEvent, rowsMade } from './rewound-event.ts';
import type { ServerState } from './server-state.ts';
import { asImpossible, irrecoverable, leaveToRewind, orSessionLost } from './session-errors.ts';
import { type Ready, StackLease } from './stack-lease.ts';

export class Session {
  readonly servers: LeasedServers;
  readonly preludes: LeasedPreludes;
  readonly #lease: StackLease;
  readonly #fixtureRows: WorkerFixtureRows;
  readonly #workspace: ReplaceableWorkspace;
  #databases: LeasedDatabases;
  /** Nothing can be done on the stack any more: a test has failed for it. */
  #lost = false;

  private constructor(lease: Lease, ready: Ready, servers: ServerState, sequences: Sequences | undefined) {
    this.#lease = new StackLease(lease, ready);
    this.#databases = new LeasedDatabases(ready.rewindable, sequences);
    this.servers = new LeasedServers(this.#lease, servers);
    this.preludes = new LeasedPreludes(this.#lease, () => this.#databases);
    this.#fixtureRows = new WorkerFixtureRows(lease, ready.fixtures);
    this.#workspace = new ReplaceableWorkspace(
      (event) => this.emit(event),
      (error, origin) => this.#openFresh(error, origin),
    );
  }

  /** Brings the leased stack to where every lease starts. */
  static async begin(lease: Lease, ready: Ready, servers: ServerState, sequences?: Sequences): Promise<Session> {
    const session = new Session(lease, ready, servers, sequences);
    await session.#databases.lookForUnseenDdl().catch(leaveToRewind);
    const left: Origin = { test: ready.last, scope: 'group' };
    if (ready.servers === 'used') await session.servers.end('group');
    await session.#workspace.begin(ready.stack.workspace, left);
    const rewound = await session.rewindToBaseline(left, 'at once');
    if (ready.carriedOver) session.#reportSplit(ready.carriedOver, rewound);
    await session.preludes.add();
    const goBack = () => session.rewindToBaseline(left, 'at once');
    if (ready.servers === 'used') await session.servers.restartOrReset('group', goBack);
    return session;
  }

  /** A worker has ended before the group was over, whose rows were to stay for the tests that this one gets. */
  #reportSplit(test: TestRef, rewound: Rewound | undefined): void {
    const rows = rowsMade(rewound);
    if (rewound && rows > 0) this.emit(rewoundEvent({ test, scope: 'group' }, rewound, rows));
  }

  /** Whose rows stay until the group ends, for whoever has to name them if it never does. */
  carriedOver(test: TestRef | undefined): void {
    this.#lease.notify({ type: 'carried-over', test });
  }

  /** Undefined: the stack has none. */
  get workspace(): LeasedWorkspace | undefined {
    return this.#workspace.leased;
  }

  get stack(): StackInfo {
    return this.#lease.stack;
  }

  get isLost(): boolean {
    return this.#lost;
  }

  emit(event: WorkerEvent): void {
    this.#lease.emit(event);
  }

  /** A further group of tests is to begin: waits until the machine has a slot for it. */
  beginGroup(): Promise<void> {
    return this.#lease.beginGroup();
  }

  /** Others get its slot. */
  endGroup(): void {
    this.#lease.notify({ type: 'group-over' });
  }

  /** A test has ended. Returns what it fails for. */
  async prove(connections: readonly WorkerConnection[] = []): Promise<string | undefined> {
    return this.#lost ? undefined : this.servers.prove(connections);
  }

  /** What becomes of sequences from now on. */
  async useSequences(sequences: Sequences | undefined): Promise<void> {
    if (this.#databases.sequences === sequences) return;
    await this.#databases.useSequences(sequences).catch(leaveToRewind);
  }

  /** Whether everything since the mark is to be undone. */
  get isMarked(): boolean {
    return this.#databases.isMarked;
  }

  /** Whether that is everything since the baseline. */
  get isAtBaseline(): boolean {
    return this.#databases.isAtBaseline;
  }

  /** What is there now is what the next test starts from. `origin`: what has ended. */
  async moveMark(origin: Origin): Promise<void> {
    await this.#databases.moveMark().catch((error) => {
      throw error instanceof RewindImpossible ? irrecoverable(error, origin, error) : orSessionLost(error);
    });
    await this.#workspace.moveMark(origin);
  }

  /** What is there now is what the groups of this lease start from. */
  async moveBaseline(): Promise<void> {
    await this.#databases.moveBaseline();
    await this.#workspace.moveBaseline();
  }

  /** What was committed in the worktree is known until the end of the run, whatever becomes of the worktree. */
  async keepCommits(test: TestRef): Promise<void> {
    if (!this.#lost) await this.#workspace.keepCommits({ test, scope: 'test' });
  }

  /** What was written since the mark stays, until the next group. */
  carryOver(): void {
    this.#databases.carryOver();
  }

  /** Returns nothing where a fresh clone had to take the place of the databases. */
  async rewindToMark(origin: Origin, when: RewindWhen): Promise<Rewound | undefined> {
    const rewound = await this.#rewind(origin, when);
    if (await this.#fixtureRows.replayAfter(this.#databases.latest, this.#databases)) await this.#databases.moveMark();
    await this.#workspace.resetToMark(origin);
    return rewound;
  }

  /** Returns nothing where a fresh clone had to take the place of the databases. */
  async rewindToBaseline(origin: Origin, when: RewindWhen): Promise<Rewound | undefined> {
    this.#databases.forgetMark();
    const rewound = await this.#rewind(origin, when);
    if (await this.#fixtureRows.replayAfter(this.#databases.baseline, this.#databases)) {
      await this.#databases.moveBaseline();
    }
    await this.#workspace.resetToBaseline(origin);
    return rewound;
  }

  /** The first group begins: what was written until now is the worker fixtures'. */
  async beginFirstGroup(): Promise<void> {
    await this.#fixtureRows.keepInBaseline(this.#databases);
    await this.#workspace.moveBaseline();
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

  /** On the databases, but for ours. */
  async sessions(): Promise<SessionNow[]> {
    return this.#lost ? [] : this.#databases.sessions();
  }

  /** The last test before this one, of its file or else of another, and in whatever worker, whose rows were rewound. */
  async rewoundBefore(test: TestRef): Promise<RewoundTest | undefined> {
    return this.#lost ? undefined : (await this.#lease.request({ type: 'rewound', test })).rewound;
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

  /** Sets the databases aside as `test` left them. Returns how they are opened, if they could be kept. */
  async setAside(test: TestRef): Promise<string | undefined> {
    if (this.#lost) return undefined;
    this.#lost = true;
    await this.#databases.end();
    const { kept } = await this.#lease.renew({ type: 'keep', test });
    this.#lost = false;
    return kept;
  }

  async #rewind(origin: Origin, when: RewindWhen): Promise<Rewound | undefined> {
    const { quiet } = this.servers;
    try {
      const rewound = await this.#databases.rewindTo(this.#databases.latest, quiet.asked(when));
      if (when === 'quiet') quiet.waited(rewound.heard);
      return rewound;
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
    const written = await this.#workspace.takeWritten().catch(orIrrecoverable);
    await broken.end();
    const { rewindable, stack } = await this.#lease.renew({ type: 'fresh' });
    this.#databases = new LeasedDatabases(rewindable, broken.sequences);
    await this.#workspace.open(stack.workspace);
    await this.#workspace.putWritten(written).catch(orIrrecoverable);
    await this.preludes.add();
    await this.#databases.takeOver(changes).catch(orIrrecoverable);
    this.#fixtureRows.moveTo(this.#databases, { baseline: broken.baseline, mark: broken.latest });
    this.#lost = false;
    this.emit(impossibleEvent(origin, error, Math.round(performance.now() - began)));
  }
}
