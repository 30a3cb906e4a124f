// What becomes of sequences: set back with the rows, or kept, so that no value is given out twice.
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';
import type { Delta } from './delta.ts';
import { failed } from './impossible.ts';
import type { Mark } from './mark.ts';

/** For the rewinds and replays of this connection from now on. */
export async function keepSequences(control: Control, keep: boolean): Promise<void> {
  await control.query(`SELECT set_config('playwright_stacks.sequences', $1, false)`, [keep ? 'keep' : '']);
}

/** Sets them to where they have been, wherever rewinds have left them. */
export async function goForward(control: Control, mark: Mark): Promise<void> {
  await control.query('SELECT playwright_stacks.go_forward($1)', [mark]).catch((error) => {
    throw failed(error, mark);
  });
}

/** Where they are, for a fresh clone that is to go on from there. */
export async function reachedSequences(control: Control): Promise<Delta> {
  const [row] = await rowsOf<{ reached: Delta }>(control, 'SELECT playwright_stacks.reached() AS reached');
  if (!row) throw new Error('playwright_stacks.reached() returned no row');
  return row.reached;
}
