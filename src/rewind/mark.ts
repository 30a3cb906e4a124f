// Marks: moments that rewind can go back to.
import { messageOf, StacksError } from '../errors.ts';
import { rowsOf, sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { notOwned } from './grant.ts';
import { failed, isDamage } from './impossible.ts';

/** A moment in the captured changes of one database; kept in the database itself. */
export type Mark = number;

/** For whoever keeps a sequence or a table for itself, or goes on changing the schema. */
const MARK_TIMEOUT_MS = 5000;
const LOCKED = new Set(['55P03', '40P01']);

/**
 * Marks this moment. What a transaction that is open now commits later counts as later.
 * Tables made since the last mark are captured from now on. Waits 5 s for whoever keeps a sequence or a table for itself,
 * then throws REWIND_BUSY.
 */
export async function mark(control: Control): Promise<Mark> {
  const deadline = performance.now() + MARK_TIMEOUT_MS;
  let last: unknown;
  do {
    try {
      const [row] = await rowsOf<{ mark: Mark | null }>(control, 'SELECT playwright_stacks.mark() AS mark');
      if (!row) throw new Error('playwright_stacks.mark() returned no row');
      if (row.mark !== null) return row.mark;
      await control.query('SELECT playwright_stacks.arm_again()');
    } catch (error) {
      if (!LOCKED.has(sqlStateOf(error))) throw isNotOwned(error) ? notOwned(error) : failed(error, 0);
      last = error; // It has waited: lock_timeout.
    }
  } while (performance.now() < deadline);
  throw busy(last);
}

function busy(last: unknown): StacksError {
  const what = last ? 'kept a sequence or a table for itself' : 'went on changing the schema';
  return new StacksError('REWIND_BUSY', `another session ${what} for ${MARK_TIMEOUT_MS} ms.`, {
    ...(last !== undefined && { facts: { postgres: messageOf(last) }, cause: last }),
    hint: 'the application left a transaction open that changed the schema: end it when the request ends.',
  });
}

/** DDL that event triggers were kept from seeing makes marks before it impossible to go back to. Takes as long as a digest. */
export async function lookForUnseenDdl(control: Control): Promise<void> {
  await control.query('SELECT playwright_stacks.look_for_unseen_ddl()').catch((error) => {
    if (!LOCKED.has(sqlStateOf(error))) throw failed(error, 0); // Else the next lease looks.
  });
}

function isNotOwned(error: unknown): boolean {
  return sqlStateOf(error) === '42501' && !isDamage(error);
}
