// The sessions on a database but ours, as people get to see them: what each is at, and who waits for whom.
import { APPLICATION } from '../names.ts';
import { presentable } from '../text/presentable.ts';
import { rowsOf } from './client.ts';
import type { Control } from './control.ts';

export interface OpenSession {
  readonly pid: number;
  readonly application: string;
  /** As in `pg_stat_activity`: `active`, `idle in transaction`, … */
  readonly state: string;
  /** What it runs, or ran last. */
  readonly query: string;
  /** Milliseconds since its transaction began; null: it has none. */
  readonly transaction: number | null;
  /** The process ids of those it waits for. */
  readonly blockedBy: readonly number[];
}

/** Characters of a statement. */
const LONGEST = 300;

export async function openSessions(control: Control): Promise<OpenSession[]> {
  const found = await rowsOf<OpenSession>(control, SESSIONS, [`${APPLICATION}%`]);
  return found.map((each) => ({
    ...each,
    application: presentable(each.application, LONGEST),
    query: presentable(each.query, LONGEST),
  }));
}

const SESSIONS = `
SELECT pid, coalesce(application_name, '') AS application, coalesce(state, '') AS state, left(coalesce(query, ''), 10000) AS query,
       round(extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS transaction, pg_blocking_pids(pid) AS "blockedBy"
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name NOT LIKE $1
ORDER BY xact_start NULLS LAST, pid
LIMIT 200`;
