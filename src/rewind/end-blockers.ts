// The fence's last resort.
import { messageOf } from '../errors.ts';
import type { Blocker } from './blockers.ts';
import { sqlStateOf } from './client.ts';
import type { Control } from './control.ts';
import { RewindImpossible } from './impossible.ts';

/**
 * Ends what blocks: the last resort, for it closes a connection of the application's. Throws REWIND_IMPOSSIBLE where this
 * role may not.
 */
export async function endBlockers(control: Control, blockers: readonly Blocker[]): Promise<void> {
  for (const { pid, gid, role } of blockers) {
    try {
      if (pid !== null) await control.query('SELECT pg_terminate_backend($1)', [pid]);
      if (gid !== null) await control.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
    } catch (error) {
      if (sqlStateOf(error) !== '42501') throw error;
      const why = `a transaction of the role ${role} does not end: ${messageOf(error)}`;
      throw new RewindImpossible('locked', why, error);
    }
  }
}
