// What rewinds leave behind: dead rows in the tables of capture, which every later one would look at.
import type { Control } from './control.ts';

/**
 * Vacuums the tables that hold what was captured. Waits for nobody; worth it every hundred rewinds or so, and after one
 * of many rows. Where autovacuum runs it does the same.
 */
export async function tidy(control: Control): Promise<void> {
  await control.query('VACUUM (TRUNCATE, SKIP_LOCKED) stk.log, stk.kept, stk.broken, stk.marks');
}
