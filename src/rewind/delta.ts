// Net changes as data that another clone of the same template can take: preludes, and what a fresh clone must get back.
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';
import { failed } from './impossible.ts';
import type { Mark } from './mark.ts';

/** Rows as Postgres writes them; opaque. */
export interface Delta {
  readonly tables: readonly {
    readonly table: string;
    readonly gone: readonly string[];
    readonly come: readonly string[];
  }[];
  readonly sequences: readonly { readonly sequence: string; readonly last: string; readonly called: boolean }[];
}

export const NO_CHANGES: Delta = { tables: [], sequences: [] };

/**
 * What changed from one mark to a later one, or to now. What was done after `until` does not matter, DDL included.
 * Throws REWIND_IMPOSSIBLE when something in between was not captured, MARK_UNKNOWN.
 */
export async function deltaBetween(control: Control, since: Mark, until?: Mark): Promise<Delta> {
  try {
    const [row] = await rowsOf<{ delta: Delta }>(control, 'SELECT playwright_stacks.delta($1, $2) AS delta', [
      since,
      until ?? null,
    ]);
    if (!row) throw new Error('playwright_stacks.delta() returned no row');
    return row.delta;
  } catch (error) {
    throw failed(error, since);
  }
}

/** Writes the changes as if they happened now: all, or none and REWIND_IMPOSSIBLE. */
export async function replay(control: Control, delta: Delta): Promise<void> {
  await control.query('SELECT playwright_stacks.replay($1)', [JSON.stringify(delta)]).catch((error) => {
    throw failed(error, 0);
  });
}

export function isEmpty({ tables, sequences }: Delta): boolean {
  return tables.length === 0 && sequences.length === 0;
}
