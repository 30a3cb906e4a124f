// What rewinds leave behind: dead rows in the tables of capture, which every later one would look at.
import type { Control } from './control.ts';
import type { Rewound } from './rewind.ts';

/** Rewinds, and rows of one, after which the tables of capture are vacuumed. */
const EVERY = 100;
const ROWS = 1000;

/** Whether `tidy` is worth it after the `nth` rewind of a connection. */
export function isUntidy(nth: number, { tables }: Rewound): boolean {
  return nth % EVERY === 0 || tables.reduce((sum, { deleted, inserted }) => sum + deleted + inserted, 0) > ROWS;
}

/** Vacuums the tables that hold what was captured. Waits for nobody. Where autovacuum runs it does the same. */
export async function tidy(control: Control): Promise<void> {
  await control.query(
    'VACUUM (TRUNCATE, SKIP_LOCKED) playwright_stacks.log, playwright_stacks.kept, playwright_stacks.broken, playwright_stacks.marks, playwright_stacks.info',
  );
}
