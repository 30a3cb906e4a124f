// What is known of a failed test beside its error, as data without secrets: it is written as text, as Markdown and as a
// picture, and can be sent. Nothing here asks for anything: the worker gathers it.

export interface Failure {
  /** When the test began: milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  /** In the order of the options. */
  readonly logs: readonly ServerLog[];
  /** What the application did on its databases; undefined: it was not logged. */
  readonly statements: Statements | undefined;
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
