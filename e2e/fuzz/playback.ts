// Where a program is played: a clone, the application's sessions, the marks that were made.
import type { Reason } from '../../src/rewind/impossible.ts';
import { type Mark, mark } from '../../src/rewind/mark.ts';
import { poll } from '../../src/wait.ts';
import type { Deeds, Session } from './session.ts';
import { readState, readStateIfFree, type State } from './state.ts';
import type { Clone } from './test-bed.ts';

export interface Marked {
  readonly mark: Mark;
  readonly state: State;
  readonly deeds: Deeds;
}

export interface Playback {
  readonly clone: Clone;
  readonly sessions: readonly Session[];
  /** The last one is the latest. */
  readonly marks: Marked[];
  readonly say: (line: string) => void;
  /** A trigger of the schema fires in replica role: any write may be one that cannot be undone. */
  readonly always: boolean;
  /** Something may have been done that event triggers do not see: a rewind has to look for it, as a new lease does. */
  hidden: boolean;
}

export async function setMark(playback: Playback): Promise<void> {
  await atRest(playback);
  const state = (await readStateIfFree(playback.clone.observer)) ?? (await readFreedState(playback));
  const made = await mark(playback.clone.control);
  playback.say(`-- mark ${made}`);
  const perhaps = new Set<Reason>((await hasUnsureObjects(playback)) ? ['large-object'] : []);
  if (playback.hidden) perhaps.add('ddl');
  playback.marks.push({ mark: made, state, deeds: { certain: new Set(), perhaps } });
}

// Beside a transaction that is open at the mark, a large object may be younger than that and yet belong before the mark.
async function hasUnsureObjects({ sessions, clone }: Playback): Promise<boolean> {
  const { rows } = await clone.observer.query<{ objects: boolean; prepared: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_largeobject_metadata) AS objects,
            EXISTS (SELECT FROM pg_prepared_xacts WHERE database = current_database()) AS prepared`,
  );
  return rows[0]?.objects === true && (rows[0].prepared || sessions.some(({ inside }) => inside));
}

// A transaction that truncated holds its table for itself: what lies in it cannot be known before that is over.
async function readFreedState({ sessions, clone }: Playback): Promise<State> {
  for (const session of sessions) if (session.inside) await session.run({ text: 'ROLLBACK' });
  const { rows } = await clone.observer.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  );
  for (const { gid } of rows) await clone.observer.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
  return readState(clone.observer);
}

/** Nobody runs a statement, and who was killed is gone. */
export async function atRest({ sessions, clone }: Playback): Promise<void> {
  await Promise.all(sessions.map(({ queue }) => queue));
  let left: object[] = [];
  const areGone = async (): Promise<true | undefined> => {
    const pids = sessions.flatMap(({ pid }) => pid ?? []);
    const { rows } = await clone.observer.query(
      `SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'fuzz' AND pid <> ALL ($1)`,
      [pids],
    );
    left = rows;
    return rows.length === 0 || undefined;
  };
  if (await poll(areGone, { timeout: 10_000, interval: 1 })) return;
  throw new Error(`killed sessions live on after 10 s: ${JSON.stringify(left)}`);
}
