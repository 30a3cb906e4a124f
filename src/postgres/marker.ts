// The comment by which a database is known to be ours: `{"playwright-stacks":{…}}`.

export const MARKER = 'playwright-stacks';

/** What we note on a database of ours. */
export interface Marker {
  readonly run: string;
  /** The fingerprint, on a template. */
  readonly template?: string;
  /** The day on which a template was last used: `2026-01-31`. */
  readonly used?: string;
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
