// Marks: moments that rewind can go back to.
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';
import { notOwned } from './grant.ts';

/** A moment in the captured changes of one database; kept in the database itself. */
export type Mark = number;

/**
 * Marks this moment. What a transaction that is open now commits later counts as later.
 * Tables made since the last mark are captured from now on.
 */
export async function mark(control: Control): Promise<Mark> {
  const [row] = await rowsOf<{ mark: Mark }>(control, 'SELECT stk.mark() AS mark').catch((error) => {
    throw notOwned(error);
  });
  if (!row) throw new Error('stk.mark() returned no row');
  return row.mark;
}
