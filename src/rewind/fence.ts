// The fence: waits for those who are writing to the database when it is called, and says who still is when the time is
// over. Not for newcomers: where somebody always writes, that would be for ever.
import { growing, poll } from '../wait.ts';
import { type Blocker, findBlockers } from './blockers.ts';
import type { Control } from './control.ts';
import { failed } from './impossible.ts';

export interface FenceOptions {
  /** Backend pids of connections that are the caller's own. @default [] */
  readonly ours?: readonly number[];
  /** Milliseconds to wait for backends that run a statement, which may yet write. @default 1000 */
  readonly active?: number;
  /** Milliseconds to wait for transactions that have written. @default 5000 */
  readonly writing?: number;
}

export interface Fence {
  readonly ms: number;
  /** Of those that were there, who still is: those that write, and those that were active to the end. */
  readonly blockers: readonly Blocker[];
}

export const WRITING = 5000;

/** Returns as soon as none of them is in the way, at the latest after the longer of both times. */
export async function fence(control: Control, options: FenceOptions = {}): Promise<Fence> {
  const { ours = [], active = 1000, writing = WRITING } = options;
  const began = performance.now();
  let first: ReadonlySet<string> | undefined;
  let last: Fence = { ms: 0, blockers: [] };
  const look = async (): Promise<Fence | undefined> => {
    const present = await findBlockers(control, 'SELECT * FROM playwright_stacks.busy($1)', [ours]).catch((error) => {
      throw failed(error, 0);
    });
    first ??= new Set(present.map(nameOf));
    const blockers = present.filter((blocker) => first?.has(nameOf(blocker)));
    const ms = performance.now() - began;
    last = { ms, blockers };
    const waited = blockers.filter(({ kind }) => ms < (kind === 'active' ? active : writing));
    return waited.length === 0 ? last : undefined;
  };
  return (await poll(look, { timeout: Math.max(active, writing), interval: growing(1, 25) })) ?? last;
}

function nameOf({ pid, gid, began }: Blocker): string {
  return `${pid} ${gid} ${began}`;
}
