// Who is in the way of a rewind, as people get to see it.
import { redact } from '../text/redact.ts';
import { sqlWithoutValues } from '../text/shown-sql.ts';
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';

/** A session or a prepared transaction that is in the way. */
export interface Blocker {
  /** `active`: runs a statement; `writing`: has written and not ended; `prepared`: the same, without a session. */
  readonly kind: 'active' | 'writing' | 'prepared';
  readonly pid: number | null;
  /** The name of a prepared transaction. */
  readonly gid: string | null;
  readonly role: string;
  readonly application: string | null;
  readonly state: string;
  /** Its first 200 characters, without values. */
  readonly query: string | null;
  /** When its transaction began: tells it from the next one of the same session. */
  readonly began: number;
  /** Since its transaction began. */
  readonly ms: number;
}

/** Of each statement that is shown; more of it is asked for, for what a cut goes through cannot be recognised as a secret. */
const LONGEST = 200;

/** Those that a query of ours finds. */
export async function findBlockers(control: Control, text: string, values: unknown[]): Promise<Blocker[]> {
  const found = await rowsOf<Blocker>(control, text, values);
  return found.map((each) => ({
    ...each,
    query: each.query && redact(sqlWithoutValues(each.query)).trim().slice(0, LONGEST),
  }));
}
