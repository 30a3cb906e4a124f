// The fence's last resort.
import type { Control } from './control.ts';
import type { Blocker } from './fence.ts';

/** Ends what blocks: the last resort, for it closes a connection of the application's. */
export async function endBlockers(control: Control, blockers: readonly Blocker[]): Promise<void> {
  for (const { pid, gid } of blockers) {
    if (pid !== null) await control.query('SELECT pg_terminate_backend($1)', [pid]);
    if (gid !== null) await control.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
  }
}
