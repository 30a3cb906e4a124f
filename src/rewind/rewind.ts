// Back to a mark: one round trip where nothing is in the way, and as many as it takes where something is.
import { messageOf, StacksError } from '../errors.ts';
import { rowsOf, sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { endBlockers } from './end-blockers.ts';
import { type Blocker, type FenceOptions, fence, WRITING } from './fence.ts';
import { failed, RewindImpossible } from './impossible.ts';
import type { Mark } from './mark.ts';

export interface RewindOptions extends FenceOptions {
  /**
   * What happens to a transaction that has written and does not end in time.
   * - `end` — it is ended, and reported as `ended`
   * - `fail` — REWIND_BUSY names it
   * @default 'end'
   */
  readonly lastResort?: 'end' | 'fail';
}

/** What a rewind did. */
export interface Rewound {
  readonly tables: readonly { readonly table: string; readonly deleted: number; readonly inserted: number }[];
  /** Sequences that were set back. */
  readonly sequences: readonly string[];
  /** The application's transactions that had to be ended. */
  readonly ended: readonly Blocker[];
  /** Milliseconds: of the whole, and of it waiting for others. */
  readonly ms: number;
  readonly waited: number;
}

type Answer =
  | { readonly busy: readonly Blocker[] }
  | {
      readonly tables: Rewound['tables'] | null;
      readonly sequences: Rewound['sequences'] | null;
      readonly calm: string;
      readonly busy?: never;
    };

// What the database said last over a connection: the next rewind costs less where it is still so.
const CALM = new WeakMap<Control, string>();

/**
 * Brings every row and sequence back to what it was at the mark, or changes nothing and throws: REWIND_IMPOSSIBLE (a
 * RewindImpossible, with the reason), REWIND_BUSY, MARK_UNKNOWN. Later marks end with it.
 */
export async function rewind(control: Control, to: Mark, options: RewindOptions = {}): Promise<Rewound> {
  const began = performance.now();
  const ended: Blocker[] = [];
  let waited = 0;
  let heed = ['active', 'writing', 'prepared'];
  for (let failures = 0; ; ) {
    let answer: Answer;
    try {
      answer = await once(control, [to, options.ours ?? [], heed, failures === 0 ? 'run' : 'wait', CALM.get(control)]);
    } catch (error) {
      // Others came in between: the whole was rolled back, and may be done again.
      if (!MOVED.has(sqlStateOf(error))) throw failed(error, to);
      if (++failures === ATTEMPTS) throw keptLocked(error, options) ?? failed(error, to);
      if (sqlStateOf(error) === '55P03') ended.push(...(await endHolders(control, options, failures)));
      continue;
    }
    if (!answer.busy) {
      CALM.set(control, answer.calm);
      const { tables, sequences } = answer;
      return { tables: tables ?? [], sequences: sequences ?? [], ended, waited, ms: performance.now() - began };
    }

    const { ms, blockers } = await fence(control, options);
    waited += ms;
    const writing = blockers.filter(({ kind }) => kind !== 'active');
    // Who begins again and again is not ended: what newcomers write is later than this rewind, and the next one's.
    heed = writing.length === 0 && waited > (options.writing ?? WRITING) ? [] : ['writing', 'prepared'];
    if (writing.length === 0) continue;
    if (options.lastResort === 'fail' || ended.length > MOST_ENDED) throw busy(writing, ms);
    await endBlockers(control, writing);
    ended.push(...writing);
  }
}

const ATTEMPTS = 5;
const MOST_ENDED = 50;
// Lock not available, deadlock, serialization failure, a failed check, a row that another has just inserted or refers to.
const MOVED = new Set(['55P03', '40P01', '40001', 'XX001', '23505', '23P01', '23503', '23001']);

// By a session that has not written, for which nobody waits, and that is none of the holders that are ended; not by another rewind.
function keptLocked(error: unknown, { lastResort }: RewindOptions): RewindImpossible | undefined {
  const where = error instanceof Error && 'where' in error ? String(error.where) : '';
  if (sqlStateOf(error) !== '55P03' || lastResort === 'fail' || where.includes('playwright_stacks.lock()')) return undefined;
  return new RewindImpossible('locked', `another session keeps a lock on what was written: ${messageOf(error)}`, error);
}

async function once(control: Control, values: unknown[]): Promise<Answer> {
  const text = 'SELECT playwright_stacks.rewind($1, $2, $3, $4, $5) AS answer';
  const { rows } = await control.query({ name: 'playwright_stacks.rewind', text, values });
  const [row] = rows as { answer: Answer }[];
  if (!row) throw new Error('playwright_stacks.rewind() returned no row');
  return row.answer;
}

// Who has written is seen by the fence; these hold a table without having written, by LOCK TABLE or unfinished DDL.
async function endHolders(control: Control, options: RewindOptions, failures: number): Promise<Blocker[]> {
  if (failures < 3) return [];
  const holders = await rowsOf<Blocker>(control, HOLDERS, [options.ours ?? []]);
  if (holders.length > 0 && options.lastResort === 'fail') throw busy(holders, 200 * failures);
  await endBlockers(control, holders);
  return holders;
}

const HOLDERS = `
SELECT DISTINCT 'writing' AS kind, a.pid, NULL AS gid, a.usename AS role, a.application_name AS application, a.state,
       left(a.query, 200) AS query, extract(epoch FROM a.xact_start)::float8 AS began, extract(epoch FROM clock_timestamp() - a.xact_start)::float8 * 1000 AS ms
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
  AND l.relation >= 16384 AND a.pid <> pg_backend_pid() AND a.pid <> ALL ($1)`;

function busy(blockers: readonly Blocker[], ms: number): StacksError {
  const who = blockers.map(({ pid, gid, role, state, query }) => [
    gid === null ? `pid ${pid}` : `prepared ${gid}`,
    [role, state, query].filter(Boolean).join(', '),
  ]);
  return new StacksError(
    'REWIND_BUSY',
    `${blockers.length} transactions that have written did not end within ${Math.round(ms)} ms.`,
    {
      facts: Object.fromEntries(who),
      hint: 'the application left a transaction open: end it when the request ends.',
    },
  );
}
