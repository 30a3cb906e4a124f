// What becomes of sequences: set back with the rows, or kept, so that no value is given out twice.
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';
import { failed } from './impossible.ts';
import type { Mark } from './mark.ts';

/** The last values that sequences have given out, by their names. */
export type Reached = Readonly<Record<string, string>>;

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

export async function reachedSequences(control: Control): Promise<Reached> {
  const [row] = await rowsOf<{ reached: Reached }>(control, 'SELECT playwright_stacks.reached() AS reached');
  if (!row) throw new Error('playwright_stacks.reached() returned no row');
  return row.reached;
}

/** On a fresh clone. */
export async function goOnFrom(control: Control, reached: Reached): Promise<void> {
  await control.query('SELECT playwright_stacks.go_on_from($1)', [JSON.stringify(reached)]).catch((error) => {
    throw failed(error, 0);
  });
}
