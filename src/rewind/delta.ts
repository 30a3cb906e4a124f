// Net changes as data that another clone of the same template can take: preludes, and what a fresh clone must get back.
import { StacksError } from '../errors.ts';
import { rowsOf, sqlStateOf } from './client.ts';
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
 * Throws REWIND_IMPOSSIBLE when something in between was not captured, CHANGES_TOO_MANY above 64 MB, MARK_UNKNOWN.
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
    throw sqlStateOf(error) === 'SK004' ? tooMuch(error) : failed(error, since);
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

function tooMuch(cause: unknown): StacksError {
  const megabytes = Math.ceil(Number(Reflect.get(Object(cause), 'detail')) / 2 ** 20);
  return new StacksError('CHANGES_TOO_MANY', `${megabytes} MB of rows cannot be given to other stacks; 64 MB can.`, {
    hint: 'what worker fixtures, setup projects and globalSetup write is written again wherever it is needed: let `database.seed` write that much, once for all.',
    cause,
  });
}
