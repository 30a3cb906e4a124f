// What is noted of databases that were set aside, and read back of them.

/** What a database was set aside after. */
export interface KeptAfter {
  /** The titles of its describes and its own, joined. */
  readonly test: string;
  /** Its file, as Playwright names it. */
  readonly file: string;
  readonly slot: number;
  readonly variant: string;
  /** The project's folder: that of the config. */
  readonly root: string;
  /** ISO 8601. */
  readonly at: string;
}

/** All databases of one stack, set aside together. */
export interface Kept extends KeptAfter {
  /** What they are called, and the main one's name. */
  readonly name: string;
  readonly run: string;
  readonly databases: readonly KeptDatabase[];
}

interface KeptDatabase {
  /** As in the options; `main` where there is one. */
  readonly name: string;
  readonly database: string;
  readonly bytes: number;
}
