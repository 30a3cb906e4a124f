// What is known of a failed test beside its error, as data without secrets: it is written as text, as Markdown and as a
// picture, and can be sent. Nothing here asks for anything: the worker gathers it.

export interface Failure {
  /** In the order of the options. */
  readonly logs: readonly ServerLog[];
}

/** What a server has printed while the test ran. */
export interface ServerLog {
  readonly server: string;
  /** Without colours; of much its beginning and its end. */
  readonly text: string;
}
