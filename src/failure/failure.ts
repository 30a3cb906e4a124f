// What is known of a failed test beside its error, as data without secrets: it is written as text, as Markdown and as a
// picture, and can be sent. Nothing here asks for anything: the worker gathers it.
import type { StatementCounts, TestRef } from '../test-events.ts';

export interface Failure {
  /** When the test began: milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  /** Of pages, of `request` and of `fetch`, to the servers of the stack; in the order in which they began. */
  readonly requests?: readonly RequestMade[];
  /** What came in after an earlier test had ended, and was undone before this one began. */
  readonly late?: LateBefore | undefined;
  /** In the order of the options. */
  readonly logs: readonly ServerLog[];
  /** What the application did on its databases; undefined: it was not logged. */
  readonly statements: Statements | undefined;
  /** What they come to, as Postgres counts them; undefined: it does not. */
  readonly counts?: StatementCounts | undefined;
  readonly rows: ChangedRows;
  readonly stack: StackNow;
}

export interface RequestMade {
  /** When it began: milliseconds since 1970. */
  readonly at: number;
  /** Until its answer began. */
  readonly ms: number;
  /** 'fetch' where Node does not say it. */
  readonly method: string;
  readonly server: string;
  /** Without the values of its query. */
  readonly path: string;
  /** Undefined: it is not known, or there is no answer. */
  readonly status?: number | undefined;
  /** Of a page: a script, a style, a picture, or what it asks by itself. */
  readonly isPart?: boolean | undefined;
  /** It has no answer. */
  readonly error?: string | undefined;
}

export interface LateBefore {
  /** Undefined: an earlier worker's. */
  readonly test: TestRef | undefined;
  readonly rows: number;
  readonly tables: readonly string[];
}

/** The net row changes of the test. */
export interface ChangedRows {
  /** How many in all. */
  readonly count: number;
  /** The first, by table and key. */
  readonly shown: readonly ChangedRow[];
}

export interface ChangedRow {
  /** Of several databases, where it is not the first. */
  readonly database?: string | undefined;
  readonly table: string;
  readonly op: 'insert' | 'update' | 'delete';
  readonly key: Readonly<Record<string, unknown>> | undefined;
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
}

/** How the stack was when the test had failed. */
export interface StackNow {
  /** `slot 2`, `slot 2 (admin)` */
  readonly title: string;
  readonly servers: readonly {
    readonly name: string;
    readonly is: 'running' | 'ended';
    /** How often it was started again. */
    readonly restarts: number;
  }[];
  /** On its databases, but for ours. */
  readonly sessions: readonly SessionNow[];
}

export interface SessionNow {
  readonly pid: number;
  readonly application: string;
  /** As in `pg_stat_activity`: `active`, `idle in transaction`, … */
  readonly state: string;
  /** What it runs, or ran last. */
  readonly query: string;
  /** Milliseconds since its transaction began; null: it has none. */
  readonly transaction: number | null;
  /** The process ids of those it waits for. */
  readonly blockedBy: readonly number[];
}

/** What a server has printed while the test ran. */
export interface ServerLog {
  readonly server: string;
  /** Without colours; of much its beginning and its end. */
  readonly text: string;
}

export interface Statements {
  /** When what they are of began: milliseconds since 1970. */
  readonly since: number;
  readonly count: number;
  /** Which are the same but for their values count once. */
  readonly distinct: number;
  /** Milliseconds that those which ended have taken together. */
  readonly ms: number;
  /** In the order in which they began. Of many the first and the last, and all that failed or waited. */
  readonly shown: readonly Statement[];
  readonly repeated: readonly RepeatedStatement[];
}

export interface Statement {
  /** When it began: milliseconds since 1970. */
  readonly at: number;
  readonly sql: string;
  /** `$1` is the first; null is NULL. */
  readonly parameters: readonly (string | null)[];
  /** Undefined: it has not ended, or it has failed. */
  readonly ms?: number | undefined;
  readonly error?: string | undefined;
  /** Milliseconds that it waited for a lock, at least. */
  readonly waited?: number | undefined;
  /** The id of its session’s process. */
  readonly session: number;
  /** The session’s `application_name`. */
  readonly application: string;
  /** The trace that a `traceparent` comment names. */
  readonly request?: string | undefined;
}

/** The same statement again and again, in one request or within a moment: N+1. */
export interface RepeatedStatement {
  readonly sql: string;
  readonly times: number;
}
