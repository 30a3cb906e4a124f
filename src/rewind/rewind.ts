// Back to a mark: one round trip where nothing is in the way, and as many as it takes where something is.
import { StacksError } from '../errors.ts';
import type { Blocker } from './blockers.ts';
import { sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { endBlockers } from './end-blockers.ts';
import { type FenceOptions, fence, WRITING } from './fence.ts';
import { failed } from './impossible.ts';
import { keptLocked, strongHolders } from './lock-holders.ts';
import type { Mark } from './mark.ts';
import { type Heard, type Hearing, type Quiet, QuietWait } from './quiet.ts';

export interface RewindOptions extends FenceOptions {
  /**
   * What happens to a transaction that has written and does not end in time.
   * - `end` — it is ended, and reported as `ended`
   * - `fail` — REWIND_BUSY names it
   * @default 'end'
   */
  readonly lastResort?: 'end' | 'fail';
  /** How long the application is to have been quiet. @default it is not asked */
  readonly quiet?: Quiet | undefined;
}

/** What a rewind did. */
export interface Rewound {
  readonly tables: readonly { readonly table: string; readonly deleted: number; readonly inserted: number }[];
  /** Sequences that were set back, or forward where they are kept. */
  readonly sequences: readonly string[];
  /** The application's transactions that had to be ended. */
  readonly ended: readonly Blocker[];
  /** Milliseconds: of the whole, and of it waiting for others. */
  readonly ms: number;
  readonly waited: number;
  /** Of the application, while it was waited for until it was quiet. */
  readonly heard: Heard;
}

type Answer =
  | { readonly busy: readonly Blocker[]; readonly wait?: never }
  | { readonly wait: Hearing; readonly busy?: never }
  | {
      readonly tables: Rewound['tables'] | null;
      readonly sequences: Rewound['sequences'] | null;
      readonly unchanged: string | null;
      readonly heard?: Hearing | null;
      readonly busy?: never;
      readonly wait?: never;
    };

// What the database said last over a connection: the next rewind costs less where it is still so.
const UNCHANGED = new WeakMap<Control, string | null>();

/**
 * Brings every row, and every sequence that is not kept, back to what it was at the mark, or changes nothing and throws: REWIND_IMPOSSIBLE (a
 * RewindImpossible, with the reason), REWIND_BUSY, MARK_UNKNOWN. Later marks end with it.
 */
export async function rewind(control: Control, to: Mark, options: RewindOptions = {}): Promise<Rewound> {
  const began = performance.now();
  const ended: Blocker[] = [];
  const quiet = new QuietWait(control, options.quiet);
  let waited = 0;
  let waitFor = ['active', 'writing', 'prepared'];
  for (let failures = 0; ; ) {
    let answer: Answer;
    const asked = performance.now();
    try {
      answer = await once(control, [
        to,
        options.ours ?? [],
        waitFor,
        failures === 0 ? 'run' : 'wait',
        UNCHANGED.get(control),
        ...quiet.asked,
      ]);
    } catch (error) {
      // Others came in between: the whole was rolled back, and may be done again.
      if (!MOVED.has(sqlStateOf(error))) throw failed(error, to);
      if (++failures === ATTEMPTS) throw (await locked(error, control, options)) ?? failed(error, to);
      if (sqlStateOf(error) === '55P03') ended.push(...(await endHolders(control, failures, options)));
      continue;
    }
    if (answer.wait) {
      await quiet.wait(answer.wait, asked);
      continue;
    }
    if (!answer.busy) {
      UNCHANGED.set(control, answer.unchanged);
      const { tables, sequences } = answer;
      if (answer.heard) quiet.note(answer.heard, asked);
      const ms = performance.now() - began;
      return { tables: tables ?? [], sequences: sequences ?? [], ended, waited, heard: quiet.heard, ms };
    }

    const { ms, blockers } = await fence(control, options);
    waited += ms;
    quiet.putOff(ms);
    const writing = blockers.filter(({ kind }) => kind !== 'active');
    // Who begins again and again is not ended: what newcomers write is later than this rewind, and the next one's.
    waitFor = writing.length === 0 && waited > (options.writing ?? WRITING) ? [] : ['writing', 'prepared'];
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

async function locked(error: unknown, control: Control, { lastResort, ours = [] }: RewindOptions) {
  return lastResort === 'fail' ? undefined : keptLocked(error, control, ours);
}

async function endHolders(control: Control, failures: number, options: RewindOptions): Promise<Blocker[]> {
  if (failures < 3) return [];
  const holders = await strongHolders(control, options.ours ?? []);
  if (holders.length > 0 && options.lastResort === 'fail') throw busy(holders, 200 * failures);
  await endBlockers(control, holders);
  return holders;
}

async function once(control: Control, values: unknown[]): Promise<Answer> {
  const text = 'SELECT playwright_stacks.rewind($1, $2, $3, $4, $5, $6, $7) AS answer';
  const { rows } = await control.query({ name: 'playwright_stacks.rewind', text, values });
  const [row] = rows as { answer: Answer }[];
  if (!row) throw new Error('playwright_stacks.rewind() returned no row');
  return row.answer;
}

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
