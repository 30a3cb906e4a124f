// One thing that can be changed in a database beside the rows of its tables, and by what a rewind notices it.

/**
 * - `ddl` — by event triggers; for a role that can make none, by a digest of the catalog
 * - `compared` — a value that is compared at every rewind
 * - `later` — what event triggers were kept from seeing: when the next worker takes the stack
 * - `nothing` — it changes no result
 */
export type NoticedBy = 'ddl' | 'compared' | 'later' | 'nothing';

export interface Change {
  readonly change: string;
  readonly sql: string;
  /** @default 'ddl' */
  readonly noticed?: NoticedBy;
  /** Only a superuser may. @default both kinds of role */
  readonly by?: 'superuser';
  /** Version of Postgres. */
  readonly since?: number;
}
