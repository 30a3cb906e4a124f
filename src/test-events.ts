// What happens to tests, as data: what a worker and the reporter know of them. Part of events.ts.

/** Milliseconds that the parts of opening a stack took. `servers` is by server name. */
export interface OpenTimes {
  readonly clone: number;
  /** Beside the clone; 0: there is none. */
  readonly worktree: number;
  readonly prepare: number;
  readonly servers: Readonly<Record<string, number>>;
  readonly total: number;
}

/** One attempt at a test. */
export interface TestRef {
  /** Playwright's `testId`: the same in every attempt. */
  readonly id: string;
  readonly title: string;
  /** The titles of its describes, and its own. */
  readonly titlePath: readonly string[];
  /** Relative to Playwright's `rootDir`: the file that was loaded, not a helper in which `test()` was called. */
  readonly file: string;
  /** '' where there is only one project, without a name. */
  readonly project: string;
  /** 0 for the first attempt. */
  readonly retry: number;
}

/** Whose changes a rewind undoes: those of `test`, or of all tests of a group up to it. No test: an earlier worker's. */
export interface Origin {
  readonly test: TestRef | undefined;
  readonly scope: 'test' | 'group';
}

/** What was rewound, by table. */
interface Undone {
  readonly tables: readonly { readonly table: string; readonly deleted: number; readonly inserted: number }[];
}

/** Code that runs in one of Playwright's processes kept a connection, which has ended with its database. */
export interface LeftOpen {
  readonly type: 'connection-left-open';
  /** As a sentence begins: "`database.seed`". */
  readonly owner: string;
}

/** Where Playwright is with a test. `cancelled`: interrupted, or skipped because the run was broken. */
export type TestOutcome = 'passed' | 'failed' | 'flaky' | 'skipped' | 'cancelled';

/** How a worker's process ended in the midst of a test, as far as can be told: SIGKILL may also be the system's, out of memory. */
export interface WorkerFailure {
  readonly reason: 'crashed' | 'killed' | 'timed out' | 'out of memory';
  /** `signal SIGKILL`, `exit code 1` */
  readonly exit: string;
}

/** One of the errors of an attempt. */
export interface TestFault {
  /** Without colours, and cut where it is long. */
  readonly message: string;
  /** `e2e/a.spec.ts:12` */
  readonly at?: string;
}

/** How a test went in the last runs of its project: eight at most. */
export interface EarlierRuns {
  /** At the first attempt. */
  readonly passed: number;
  readonly failed: number;
  /** It failed, and passed when it was tried again. */
  readonly flaky: number;
  /** How often a run in which it failed followed one in which it did not, or the reverse. */
  readonly changes: number;
  /** The median of those that it passed at the first attempt, in milliseconds; absent: none. */
  readonly ms?: number | undefined;
}

/** Of all tests, also those without a stack. None of them where `--reporter` replaces our reporter. */
export type SuiteEvent =
  /** Playwright is to run these tests: the whole run, or one click in UI mode. */
  | {
      readonly type: 'tests-planned';
      readonly tests: readonly Omit<TestRef, 'retry'>[];
      /** That will be used at once: no more than there is work for. */
      readonly workers: number;
      readonly isFullyParallel: boolean;
      /** Of `--shard`. */
      readonly shard?: { readonly current: number; readonly total: number };
    }
  /** How the planned tests went in earlier runs, by their ids: those of which something is known. */
  | { readonly type: 'earlier-runs'; readonly tests: Readonly<Record<string, EarlierRuns>> }
  /** A worker has begun with an attempt: its fixtures come first, and wait for the stack. */
  | { readonly type: 'test-started'; readonly test: TestRef; readonly worker: number; readonly slot: number }
  | {
      /** An attempt is over, with all its hooks and fixtures, or will never run. */
      readonly type: 'test-result';
      readonly test: TestRef;
      /** -1: the test was skipped, and no worker had it. */
      readonly worker: number;
      readonly slot: number;
      readonly outcome: TestOutcome;
      /** No further attempt follows. */
      readonly isFinal: boolean;
      readonly ms: number;
      /** Its worker ended with it. */
      readonly failure?: WorkerFailure;
      /** The first few. */
      readonly errors?: readonly TestFault[];
    }
  | {
      /** What was planned is over. */
      readonly type: 'tests-over';
      /** The wall clock, with the set-up of the run. */
      readonly ms: number;
      /** Files of `testMatch` of which no test was to run; absent where that is not known. */
      readonly unmatched?: number;
    };

/** The statements of a test. Those that are the same but for their values are one that ran several times. */
export interface StatementCounts {
  readonly count: number;
  readonly distinct: number;
  /** Milliseconds that they took together, in the server. */
  readonly ms: number;
  /** That they returned or changed. */
  readonly rows: number;
  /** Those that took longest, without values. */
  readonly longest: readonly CountedStatement[];
}

export interface CountedStatement {
  readonly sql: string;
  readonly times: number;
  readonly ms: number;
  readonly rows: number;
}

/** What a worker reports of its stack. */
export type WorkerEvent =
  /** The body of a test, or of a `beforeAll` or `afterAll` that `test` is run with, is to begin on the stack. */
  | { readonly type: 'test-began' | 'hook-began'; readonly test: TestRef }
  /** It has ended; what it changed is still there. `status` is Playwright's, before the stack is rewound. */
  | { readonly type: 'test-ended' | 'hook-ended'; readonly test: TestRef; readonly status: string }
  /**
   * A test's changes were undone. `waited`: for the application's transactions; `quiet`: until it did nothing any more;
   * `ended`: transactions that had to be.
   */
  | (Origin &
      Undone & {
        readonly type: 'rewound';
        /** Rows that the test made; 0 also where a worker fixture may have made them. */
        readonly rows: number;
        readonly ms: number;
        readonly waited: number;
        readonly quiet: number;
        readonly ended: readonly string[];
      })
  /** What the application's statements in a test came to, as Postgres counts them. Where there were any. */
  | ({ readonly type: 'statements-counted'; readonly test: TestRef } & StatementCounts)
  /** What came in after the rewind: `ms` after the end of `test`, which most likely caused it. */
  | (Origin & Undone & { readonly type: 'late-writes'; readonly ms: number })
  /** The stack was opened anew because of what cannot be undone. */
  | (Origin & {
      readonly type: 'rewind-impossible';
      readonly reason: string;
      readonly what: string;
      /** What would make it possible. */
      readonly hint?: string;
      /** Until the next test could begin. */
      readonly ms: number;
      /** Of that, what opening the stack anew took. */
      readonly opened?: OpenTimes;
    })
  /** `test` asked for a lock, which it has at once or in its turn, or was refused, or released. No test: the worker itself. */
  | {
      readonly type: 'lock-asked' | 'lock-taken' | 'lock-refused' | 'lock-released';
      readonly name: string;
      readonly mode: 'read' | 'read-write';
      readonly test: TestRef | undefined;
    }
  | LeftOpen
  /** The worktree was brought back to where it was. `full`: all of it was looked at. */
  | (Origin & {
      readonly type: 'worktree-reset';
      readonly paths: number;
      readonly look: 'known' | 'full';
      readonly ms: number;
    })
  /** What was committed in the worktree is kept as refs of the run's repository. */
  | (Origin & { readonly type: 'committed'; readonly refs: readonly string[] })
  /** `test` went to the development server, and failed for it unless `developmentOrigin` says `'warn'`. */
  | {
      readonly type: 'development-visited';
      readonly test: TestRef;
      readonly origins: readonly string[];
      /** The slot's own. */
      readonly url: string | undefined;
      readonly failed: boolean;
    }
  /** `test` has failed: what explains it, shortest first; a further one with the same `about` takes its place. */
  | { readonly type: 'failure-detail'; readonly test: TestRef; readonly about: string; readonly text: string }
  /** A failed test that comes after a rewind: the commonest surprise. */
  | { readonly type: 'hint'; readonly test: TestRef; readonly text: string };
