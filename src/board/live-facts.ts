// What servers and databases are at a moment: asked for only while somebody looks at the board, and noted nowhere.

export interface LiveFacts {
  readonly servers: readonly ServerFacts[];
  readonly databases: readonly DatabaseFacts[];
}

interface StackRef {
  readonly slot: number;
  readonly variant: string;
}

export interface ServerFacts extends StackRef {
  readonly name: string;
  /** Bytes of memory that its processes have; undefined where the system does not tell. */
  readonly memory: number | undefined;
  readonly processes: number;
  /** The last line of its output that tells of an error. */
  readonly error: string | undefined;
}

export interface DatabaseFacts extends StackRef {
  readonly database: string;
  /** Bytes. */
  readonly size: number;
  /** Sessions that are not ours. */
  readonly connections: number;
  /** The one that has run for longest; undefined: none runs. */
  readonly query: RunningQuery | undefined;
}

export interface RunningQuery {
  readonly pid: number;
  /** Without values. */
  readonly sql: string;
  readonly ms: number;
  /** Whose locks it waits for. */
  readonly blockers: readonly Blocker[];
}

export interface Blocker {
  readonly pid: number;
  readonly application: string;
  /** Postgres's: `active`, `idle in transaction`. */
  readonly state: string;
  /** What it runs, or ran last; without values. */
  readonly sql: string;
}

/** Who knows them. */
export interface LiveSource {
  look(): Promise<LiveFacts>;
  /** Nobody looks any more: what looking takes can be let go. */
  rest(): Promise<void>;
}
