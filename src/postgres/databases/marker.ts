// The comment by which a database is known to be ours: `{"playwright-stacks":{…}}`.

export const MARKER = 'playwright-stacks';

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

/** What we note on a database of ours. */
export interface Marker {
  readonly run: string;
  /** The fingerprint, on a template. */
  readonly template?: string;
  /** The day on which a template was last used: `2026-01-31`. */
  readonly used?: string;
  /** On a database that was set aside. `database`: its name in the options. */
  readonly kept?: KeptAfter & { readonly database: string };
}

/** The comment's text. */
export function markerComment(marker: Marker): string {
  return JSON.stringify({ [MARKER]: marker });
}

/** What we noted; undefined: the comment is not one of ours. */
export function readMarker(comment: string | null): Marker | undefined {
  try {
    return JSON.parse(comment ?? '')[MARKER];
  } catch {
    return undefined; // a comment of somebody else's
  }
}

/**
 * Whether `run` made the database that its lock is held for. One without a comment is: its maker was killed between
 * CREATE and COMMENT, and who holds the lock knows that it is dead.
 */
export function isOfRun(comment: string | null, run: string): boolean {
  return comment === null || readMarker(comment)?.run === run;
}

/** Whether name and comment both say that we made it. */
export function isOurs(name: string, comment: string | null): boolean {
  return name.startsWith('stk_') && readMarker(comment) !== undefined;
}
