// Marks: moments that rewind can go back to.
import { messageOf, StacksError } from '../errors.ts';
import { rowsOf, sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { notOwned } from './grant.ts';

/** A moment in the captured changes of one database; kept in the database itself. */
export type Mark = number;

/** Milliseconds. */
const PATIENCE = 5000;
const LOCKED = new Set(['55P03', '40P01']);

/**
 * Marks this moment. What a transaction that is open now commits later counts as later.
 * Tables made since the last mark are captured from now on. Waits 5 s for whoever keeps a sequence or a table for himself,
 * then throws REWIND_BUSY.
 */
export async function mark(control: Control): Promise<Mark> {
  for (const deadline = performance.now() + PATIENCE; ; ) {
    try {
      const [row] = await rowsOf<{ mark: Mark }>(control, 'SELECT stk.mark() AS mark');
      if (!row) throw new Error('stk.mark() returned no row');
      return row.mark;
    } catch (error) {
      if (!LOCKED.has(sqlStateOf(error))) throw notOwned(error);
      if (performance.now() < deadline) continue; // It has waited: lock_timeout.
      throw new StacksError(
        'REWIND_BUSY',
        `another session kept a sequence or a table for itself for ${PATIENCE} ms.`,
        {
          facts: { postgres: messageOf(error) },
          hint: 'the application left a transaction open that changed the schema: end it when the request ends.',
          cause: error,
        },
      );
    }
  }
}
