// Who keeps a table from being rewound without having written: the fence does not see them.
import { messageOf } from '../errors.ts';
import { type Blocker, findBlockers } from './blockers.ts';
import { sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { RewindImpossible } from './impossible.ts';

/** Sessions that hold a table by LOCK TABLE or unfinished DDL; there may be none. */
export async function strongHolders(control: Control, ours: readonly number[]): Promise<Blocker[]> {
  const modes = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];
  return findBlockers(control, HOLDERS, [modes, ours]);
}

/**
 * For a rewind that gave up waiting for a lock: REWIND_IMPOSSIBLE, which names who holds one and with what statement;
 * `undefined` where it waited for another rewind.
 */
export async function keptLocked(
  error: unknown,
  control: Control,
  ours: readonly number[],
): Promise<RewindImpossible | undefined> {
  const where = error instanceof Error && 'where' in error ? String(error.where) : '';
  if (sqlStateOf(error) !== '55P03' || where.includes('playwright_stacks.lock()')) return undefined;
  const modes = ['RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock'];
  const holders = await findBlockers(control, HOLDERS, [[...modes, 'AccessExclusiveLock'], ours]);
  const names = holders.slice(0, MOST_NAMED).map(({ pid, role, application, state, query }) => {
    return `${[`pid ${pid}`, role, application, state].filter(Boolean).join(', ')}: ${query}`;
  });
  const more = holders.length > MOST_NAMED ? [`and ${holders.length - MOST_NAMED} more`] : [];
  const who = names.length > 0 ? `${names.join('; ')}${more.join('')}` : messageOf(error);
  return new RewindImpossible('locked', `other sessions keep a lock on what was written: ${who}`, error);
}

const MOST_NAMED = 3;

const HOLDERS = `
SELECT DISTINCT 'writing' AS kind, a.pid, NULL AS gid, a.usename AS role, nullif(a.application_name, '') AS application, a.state,
       left(a.query, 5000) AS query, extract(epoch FROM a.xact_start)::float8 AS began, extract(epoch FROM clock_timestamp() - a.xact_start)::float8 * 1000 AS ms
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'relation' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.mode = ANY ($1) AND l.relation IN (SELECT rel FROM playwright_stacks.rel) AND a.pid <> pg_backend_pid() AND a.pid <> ALL ($2)
ORDER BY began, a.pid`;
