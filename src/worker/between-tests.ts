// The boundary between two of a worker's tests and hooks: what a test leaves behind is undone, and the next one starts
// from what it is meant to start from. `end` and `begin` are the two halves of it, in the order in which they are called.
import type { Sequences } from '../config/options.ts';
import { StacksError } from '../errors.ts';
import type { Origin, TestRef } from '../events.ts';
import type { LateBefore } from '../failure/failure.ts';
import type { RewoundTest } from '../lease/protocol.ts';
import type { Rewound } from '../rewind/rewind.ts';
import type { ShowStep } from './leased-servers.ts';
import type { RewindWhen } from './quiet-time.ts';
import { rewoundEvent, rowsMade } from './rewound-event.ts';
import type { Session } from './session.ts';

/** A test or hook as Playwright runs it, and what is asked for it. */
export interface Step {
  readonly kind: 'test' | 'hook';
  /** The test; for a hook, the one that Playwright runs it with. */
  readonly test: TestRef;
  /** After what the databases are rewound. `setup`: what it changes is for all other projects. */
  readonly isolation: 'test' | 'file' | 'worker' | 'setup';
  /** What becomes of sequences; undefined: as the databases' options say. */
  readonly sequences?: Sequences | undefined;
  /** The number of its group: tests that share one run of `beforeAll`. */
  readonly group: number;
  /** The outermost serial group that it is in. */
  readonly serial: object | undefined;
}

export class BetweenTests {
  readonly #session: Session;
  readonly #show: ShowStep;
  #group: number | undefined;
  /** The serial group that is under way: nothing is rewound inside it. */
  #serial: object | undefined;
  /** Undefined between two steps. */
  #running: Step['kind'] | undefined;
  #inFixture = false;
  /** What ended last. */
  #last: TestRef | undefined;
  /** What was rewound, and when, if that was the last that happened. */
  #undone: { readonly origin: Origin; readonly at: number } | undefined;
  #rewound: RewoundTest | undefined;
  /** The last test of the group that is under way whose rows stay until the group ends. */
  #keeper: TestRef | undefined;
  /** A worker fixture was set up within the step: what it wrote cannot be distinguished from what the test wrote. */
  #hadFixture = false;
  #late: LateBefore | undefined;
  /** Servers are to be new before the next test or hook. */
  #isRestartDue = false;
  #endTurn: ((outcome: 'passed' | 'failed') => Promise<void>) | undefined;

  constructor(session: Session, show: ShowStep = (_, work) => work()) {
    this.#session = session;
    this.#show = show;
  }

  /** The last test, or group, of this worker that made rows, which are gone. */
  get rewound(): RewoundTest | undefined {
    return this.#rewound;
  }

  /** What came in late, and was undone before the test or hook that runs began. */
  get late(): LateBefore | undefined {
    return this.#late;
  }

  /** A test or hook has ended. */
  async end(step: Step, outcome: 'passed' | 'failed'): Promise<void> {
    this.#running = undefined;
    this.#last = step.test;
    await this.#session.keepCommits(step.test);
    if (step.isolation === 'setup') return this.#endTurn?.(outcome);
    if (step.kind === 'test' && (step.serial || step.isolation !== 'test')) this.#keepRows(step.test);
    if (this.#session.isLost || step.serial) return;
    if (step.kind === 'hook' || step.isolation !== 'test') return this.#session.carryOver();
    const { test } = step;
    const rows = await this.#undo({ test, scope: 'test' });
    if (rows > 0) this.#rewound = { test, rows, scope: 'test' };
  }

  /** The next one is to begin. */
  async begin(step: Step): Promise<void> {
    this.#late = undefined;
    this.#hadFixture = false;
    await this.#session.servers.restartCrashed(this.#isRestartDue);
    if (step.isolation === 'setup') this.#endTurn = await this.#session.preludes.beginTurn();
    else if (!this.#session.isLost) await this.#prepare(step);
    this.#undone = undefined;
    this.#running = step.kind;
  }

  async #prepare(step: Step): Promise<void> {
    await this.#session.useSequences(step.sequences);
    const isFirstGroup = this.#group === undefined;
    const isNewGroup = step.group !== this.#group;
    if (!isNewGroup && step.serial !== undefined && step.serial === this.#serial) return;

    const startsAtBaseline = isNewGroup && step.isolation !== 'worker';
    if (this.#serial && !startsAtBaseline) {
      this.#rememberGroup(await this.#undo({ test: this.#keeper ?? this.#last, scope: 'group' }));
    }
    this.#serial = step.serial;
    this.#group = step.group;

    if (isFirstGroup) await this.#session.beginFirstGroup();
    else if (startsAtBaseline) await this.#withNewServers('group', () => this.#backToBaseline());
    else if (this.#isRestartDue) await this.#withNewServers('test', () => this.#undoRest());
    else if (!this.#session.isMarked) await this.#session.moveMark({ test: this.#last, scope: 'group' });
    else await this.#lookAgain((origin, when) => this.#session.rewindToMark(origin, when));
  }

  /** Nothing of what the old ones still do is there when the new ones start, once, whatever has ended. */
  async #withNewServers(after: 'test' | 'group', goBack: () => Promise<void>): Promise<void> {
    const { servers } = this.#session;
    this.#isRestartDue = false;
    await servers.end(after, this.#show);
    await goBack();
    const goBackAgain = () => this.#session.rewindToMark({ test: this.#last, scope: after }, 'at once');
    await servers.restartOrReset(after, goBackAgain, this.#show);
  }

  /**
   * The databases are what they were when the test began, and the servers know of nothing else, or are to be new. Returns the
   * rows it had made.
   */
  async #undo(origin: Origin): Promise<number> {
    await this.#session.servers.waitUntilIdle();
    const rewound = await this.#show('rewind', () => this.#session.rewindToMark(origin, 'quiet'));
    const rows = this.#hadFixture ? 0 : rowsMade(rewound);
    if (rewound) this.#report(origin, rewound, rows);
    // Not now: where a group ends as well, they would be started twice; and after the last test for nothing.
    // Those on a fresh clone are new.
    const areNew = this.#session.servers.areNewAfter('test');
    this.#isRestartDue = areNew && rewound !== undefined;
    // What comes in now is undone when the next one begins.
    if (!areNew) await this.#session.servers.restartOrReset('test', async () => {}, this.#show);
    this.#undone = { origin, at: performance.now() };
    return rows;
  }

  async #backToBaseline(): Promise<void> {
    // Its last test is undone, and its hooks have left no rows: what is there came late, unless of servers that have ended.
    const isUndone = this.#undone !== undefined && this.#session.isAtBaseline;
    if (isUndone && !this.#session.servers.areNewAfter('group')) {
      return this.#lookAgain((of, when) => this.#session.rewindToBaseline(of, when));
    }
    const origin = { test: this.#keeper ?? this.#last, scope: 'group' } as const;
    const rewind = () => this.#session.rewindToBaseline(origin, 'quiet');
    // Where tests have left nothing it is not worth a step.
    const rewound = await (this.#keeper ? this.#show('rewind', rewind) : rewind());
    const rows = this.#keeper ? rowsMade(rewound) : 0;
    // What only hooks made was for their group: nobody else misses it.
    if (rewound && rows > 0) this.#report(origin, rewound, rows);
    this.#rememberGroup(rows);
  }

  /** What servers did until they ended. */
  async #undoRest(): Promise<void> {
    if (!this.#session.isMarked) return this.#session.moveMark({ test: this.#last, scope: 'group' });
    await this.#session.rewindToMark({ test: this.#last, scope: 'test' }, 'at once');
  }

  #report(origin: Origin, rewound: Rewound, rows: number): void {
    this.#session.emit(rewoundEvent(origin, rewound, rows));
  }

  #keepRows(test: TestRef | undefined): void {
    if (this.#keeper !== test && !this.#session.isLost) this.#session.carriedOver(test);
    this.#keeper = test;
  }

  #rememberGroup(rows: number): void {
    if (this.#keeper && rows > 0) this.#rewound = { test: this.#keeper, rows, scope: 'group' };
    this.#keepRows(undefined);
  }

  /** What came in since the rewind is undone, too, and reported. */
  async #lookAgain(back: (origin: Origin, when: RewindWhen) => Promise<Rewound | undefined>): Promise<void> {
    const { origin, at } = this.#undone ?? { origin: { test: this.#last, scope: 'test' as const }, at: 0 };
    const late = await back(origin, 'at once');
    const { quiet } = this.#session.servers;
    if (late && late.tables.length > 0) {
      this.#reportLate(origin, late, at);
      quiet.wroteLate(late.heard);
    }
    if (!quiet.takeSight()) return;
    // What else is under way now: from the next test on it is waited for.
    const later = await back(origin, 'quiet');
    if (later && later.tables.length > 0) this.#reportLate(origin, later, at);
  }

  #reportLate(origin: Origin, { tables }: Rewound, since: number): void {
    const rows = tables.reduce((sum, { deleted, inserted }) => sum + Math.max(deleted, inserted), 0);
    this.#late = { test: origin.test, rows: rows + (this.#late?.rows ?? 0), tables: tables.map(({ table }) => table) };
    this.#session.emit({ type: 'late-writes', ...origin, tables, ms: Math.round(performance.now() - since) });
  }

  /** A worker fixture is set up within a step. What is returned is called when it is. */
  async beginFixture(name: string): Promise<() => Promise<void>> {
    const wasInFixture = this.#inFixture;
    this.#hadFixture = true;
    this.#inFixture = true;
    const end =
      this.#group === undefined || this.#session.isLost ? async () => {} : await this.#session.beginFixture(name);
    return async () => {
      this.#inFixture = wasInFixture;
      await end();
    };
  }

  /** `stack.checkpoint()`. What a worker fixture writes stays in any case. */
  async checkpoint(): Promise<void> {
    if (this.#inFixture || this.#running === undefined) return;
    if (this.#running === 'test') throw checkpointInTest();
    await this.#session.moveBaseline();
  }
}

function checkpointInTest(): StacksError {
  return new StacksError('OPTIONS_INVALID', 'stack.checkpoint() was called in a test.', {
    hint: 'call it in a worker fixture or in `beforeAll`, whose changes are to stay; a test’s own are undone when it ends.',
  });
}
