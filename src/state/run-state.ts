// What a run is at a moment: a pure function of its events, as data that a program can read.
import type {
  EarlierRuns,
  OpenTimes,
  SlotConflict,
  StatementCounts,
  TestFault,
  TestOutcome,
  TestRef,
  WorkerFailure,
} from '../events.ts';

/** Changes when what is there now gets another meaning. */
export const STATE_VERSION = 1;

export interface RunState {
  readonly version: typeof STATE_VERSION;
  /** The run's key; '' before there is a run. */
  readonly run: string;
  readonly phase: 'starting' | 'running' | 'ended';
  /** Milliseconds since 1970 of the first event and of the last. */
  readonly startedAt: number;
  readonly updatedAt: number;
  /** Why no further stack can be opened. */
  readonly broken: string | undefined;
  /** Undefined without `--shard`. */
  readonly shard: { readonly current: number; readonly total: number } | undefined;
  readonly setup: SetupState;
  readonly progress: Progress;
  /** By project and file, in the order in which Playwright plans them. */
  readonly files: Readonly<Record<string, FileState>>;
  /** The tests that run now, those that began first before the others: where they are in `files`. */
  readonly running: readonly { readonly file: string; readonly id: string }[];
  /** By Playwright's `testId`: how tests went in earlier runs, where that is known. */
  readonly earlier: Readonly<Record<string, EarlierRuns>>;
  /** By `workerIndex`, which grows with every worker that replaces another. */
  readonly workers: Readonly<Record<number, WorkerState>>;
  /** By slot and variant. */
  readonly stacks: Readonly<Record<string, StackState>>;
  /** By name: those that are held or waited for. */
  readonly locks: Readonly<Record<string, LockState>>;
  /**
   * Commits of slots that cannot be merged, looked for when the run ends. Undefined before, and where no two slots have
   * changed the same file.
   */
  readonly conflicts: readonly SlotConflict[] | undefined;
  readonly isolation: IsolationCost;
}

/** What was ready before the first test, in milliseconds. */
export interface SetupState {
  readonly build: number | undefined;
  readonly postgres:
    | { readonly kind: 'embedded' | 'existing'; readonly version: string; readonly ms: number }
    | undefined;
  readonly templates: readonly { readonly database: string; readonly built: boolean; readonly ms: number }[];
  /** What is being done before tests can begin, and what of it failed; of the stacks, too. */
  readonly steps: readonly StepState[];
}

export interface StepState {
  /** `database.migrate`, `build`, `server "web"` */
  readonly step: string;
  /** Whose it is; undefined: the run's. */
  readonly stack: { readonly slot: number; readonly variant: string } | undefined;
  readonly since: number;
  /** The last lines that it printed. */
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/**
 * Of one invocation: a run of the command line, or one click in UI mode. `total` is fixed, `completed` and `failed` never
 * fall, and waiting + running + completed = total. All 0 where `--reporter` has replaced our reporter.
 */
export interface Progress extends Counts {
  /** 0 before the first. */
  readonly invocation: number;
  /** `fullyParallel` of the config: else the tests of a file go to one worker. */
  readonly isFullyParallel: boolean;
  /** Files of which all tests are over. */
  readonly filesCompleted: number;
  /** Undefined until all are over. */
  readonly ms: number | undefined;
}

export interface Counts {
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  /** Final outcomes of all kinds. */
  readonly completed: number;
  readonly passed: number;
  readonly failed: number;
  readonly flaky: number;
  readonly skipped: number;
  readonly cancelled: number;
}

export interface FileState {
  readonly file: string;
  readonly project: string;
  /** Of its tests. */
  readonly counts: Counts;
  /** Milliseconds of its tests' attempts together. */
  readonly ms: number;
  /** That ended a test of it last. */
  readonly worker: number | undefined;
  /** By Playwright's `testId`. */
  readonly tests: Readonly<Record<string, TestState>>;
}

export interface TestState extends Omit<TestRef, 'retry' | 'file' | 'project'> {
  /** `waiting` also between two attempts. */
  readonly status: 'waiting' | 'running' | TestOutcome;
  /** Those that ended. */
  readonly attempts: number;
  /** Milliseconds of all attempts together. */
  readonly ms: number;
  readonly startedAt: number | undefined;
  /** That has it, or had it last. */
  readonly worker: number | undefined;
  readonly slot: number | undefined;
  /** Of the last attempt that ended. */
  readonly errors: readonly TestFault[];
  /** What explains the failure of the last attempt that failed, shortest first: an error of a server or its end, SQL that failed, waited or ran again and again. */
  readonly details: readonly { readonly about: string; readonly text: string; readonly retry: number }[];
  /** Of the last attempt that had any: what the application's statements came to. Undefined where they are not counted. */
  readonly statements: Omit<StatementCounts, 'longest'> | undefined;
  /** How often another worker took it over: as a retry, or because its worker had ended in the midst of its file. */
  readonly moves: number;
}

export interface WorkerState {
  readonly worker: number;
  readonly slot: number;
  /** `failed`: it ended in the midst of a test; `replaced`: and another one has its slot now. */
  readonly health: 'healthy' | 'failed' | 'replaced';
  readonly why: (WorkerFailure & { readonly test: TestRef }) | undefined;
  /** Tests that it ended. */
  readonly tests: number;
  readonly startedAt: number;
  /** Undefined: it runs, as far as is known. */
  readonly endedAt: number | undefined;
}

export interface StackState {
  readonly slot: number;
  readonly variant: string;
  /** `waiting`: for free connections of an existing server. */
  readonly status: 'opening' | 'waiting' | 'open' | 'closed';
  readonly database: string | undefined;
  readonly url: string | undefined;
  /** The worker that has it. */
  readonly worker: number | undefined;
  readonly servers: readonly ServerState[];
  /** Undefined without `workspace`. */
  readonly worktree: WorktreeState | undefined;
  readonly ms: OpenTimes | undefined;
  /** How often it was opened. */
  readonly opened: number;
  /** Its worker waits until the machine has a slot for its next tests. */
  readonly isQueued: boolean;
}

export interface WorktreeState {
  readonly path: string;
  /** How often it was brought back, the milliseconds of all of them, and of the slowest. */
  readonly resets: number;
  readonly ms: number;
  readonly worst: number;
  /** Commits of its tests that are kept until the run ends. */
  readonly commits: number;
}

export interface ServerState {
  readonly name: string;
  readonly pid: number;
  readonly port: number | undefined;
  /** `replaced`: it ended by itself before, and runs again. */
  readonly health: 'healthy' | 'failed' | 'replaced' | 'stopped';
  /** How often it ended by itself. */
  readonly exits: number;
  /** What it said when it last did, and the test that ran or had ended last. */
  readonly why: { readonly message: string; readonly test: TestRef | undefined } | undefined;
}

export interface LockState {
  readonly name: string;
  readonly holders: readonly LockHolder[];
  /** In the order in which they asked. */
  readonly waiting: readonly LockHolder[];
}

export interface LockHolder {
  readonly slot: number;
  readonly worker: number;
  /** Undefined: the worker itself. */
  readonly test: TestRef | undefined;
  readonly mode: 'read' | 'read-write';
  readonly since: number;
}

/** What isolation has cost so far. */
export interface IsolationCost {
  readonly rewinds: number;
  /** Milliseconds of all of them, and of the slowest. */
  readonly ms: number;
  readonly worst: number;
  /** Rewinds that were impossible: a fresh clone each. */
  readonly freshClones: number;
  readonly lateWrites: number;
}

export const NO_COUNTS: Counts = {
  ...{ total: 0, waiting: 0, running: 0, completed: 0 },
  ...{ passed: 0, failed: 0, flaky: 0, skipped: 0, cancelled: 0 },
};

export const NO_PROGRESS: Progress = {
  ...NO_COUNTS,
  ...{ invocation: 0, isFullyParallel: false, filesCompleted: 0, ms: undefined },
};

export const INITIAL_STATE: RunState = {
  ...{
    version: STATE_VERSION,
    run: '',
    phase: 'starting',
    startedAt: 0,
    updatedAt: 0,
    broken: undefined,
    shard: undefined,
  },
  ...{ setup: { build: undefined, postgres: undefined, templates: [], steps: [] }, progress: NO_PROGRESS },
  ...{ files: {}, running: [], earlier: {}, workers: {}, stacks: {}, locks: {}, conflicts: undefined },
  isolation: { rewinds: 0, ms: 0, worst: 0, freshClones: 0, lateWrites: 0 },
};
