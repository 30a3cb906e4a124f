// The sessions on a database but ours, as people get to see them: what each is at, and who waits for whom.
import type { SessionNow } from '../failure/failure.ts';
import { APPLICATION } from '../names.ts';
import { rowsOf } from '../rewind/client.ts';
import type { Control } from '../rewind/control.ts';
import { presentable } from '../text/presentable.ts';
import { sqlWithoutValues } from '../text/shown-sql.ts';

/** Characters of a statement. */
const LONGEST = 300;

export async function openSessions(control: Control): Promise<SessionNow[]> {
  const found = await rowsOf<SessionNow>(control, SESSIONS, [`${APPLICATION}%`]);
  return found.map((each) => ({
    ...each,
    application: presentable(each.application, LONGEST),
    query: presentable(sqlWithoutValues(each.query), LONGEST),
  }));
}

const SESSIONS = `
SELECT pid, coalesce(application_name, '') AS application, coalesce(state, '') AS state, left(coalesce(query, ''), 10000) AS query,
       round(extract(epoch FROM clock_timestamp() - xact_start) * 1000)::float8 AS transaction, pg_blocking_pids(pid) AS "blockedBy"
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND application_name NOT LIKE $1
ORDER BY xact_start NULLS LAST, pid
LIMIT 200`;
