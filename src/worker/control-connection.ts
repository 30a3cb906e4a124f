// The connection over which a worker rewinds one database: to that very database, whatever has its name by now.
import { messageOf, StacksError } from '../errors.ts';
import type { RewindableDatabase } from '../lease/protocol.ts';
import { type Client, connect } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { sqlStateOf } from '../rewind/client.ts';
import { type Control, openControl } from '../rewind/control.ts';
import { RewindImpossible } from '../rewind/impossible.ts';

/**
 * Connects as `name`. Throws REWIND_IMPOSSIBLE where the database, or what undoes its changes, is not there any more.
 * @param how `first`: ends the sessions that others of that name left. `again`: where it is this one that was ended so, it
 *   throws STACK_NOT_LEASED
 */
export async function connectControl(
  { url, oid }: RewindableDatabase,
  name: string,
  how: 'first' | 'again',
): Promise<{ readonly client: Client; readonly control: Control }> {
  const client = await connect({ connectionString: url }, serverTitle(url), { purpose: PURPOSE, name }).catch(orGone);
  try {
    const { rows } = await client.query<{ oid: string; others: boolean }>(FOUND, [`${name}: ${PURPOSE}`]);
    const [found] = rows;
    if (found?.oid !== oid) {
      throw new RewindImpossible('database', 'it was dropped or renamed, and another was made in its place', undefined);
    }
    if (how === 'first') await client.query(END_EARLIER, [`${name}%`]);
    else if (found.others) throw takenAway();
    return { client, control: await openControl(client) };
  } catch (error) {
    await client.end().catch(() => {}); // lost: the error says why
    throw error;
  }
}

/** Postgres has ended the session, or the way to it is cut. */
export function isSessionLost(error: unknown): boolean {
  if (error instanceof StacksError) return false;
  const state = sqlStateOf(error);
  return /^(08|57P0)/.test(state) || (!SQLSTATE.test(state) && /connection|terminat|queryable/i.test(messageOf(error)));
}

/** As far as it is the database that cannot be connected to, and not the server. */
function orGone(error: unknown): never {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!GONE.has(sqlStateOf(cause))) throw error;
  throw new RewindImpossible('database', `it was dropped, renamed or closed: ${messageOf(cause)}`, error);
}

/** Does not exist; takes no connections; not ours. */
const GONE = new Set(['3D000', '55000', '42501']);
const SQLSTATE = /^[0-9A-Z]{5}$/;

const PURPOSE = 'control';

const FOUND = `
  SELECT oid::text AS oid,
         EXISTS (SELECT FROM pg_catalog.pg_stat_activity
                  WHERE datid = oid AND application_name = $1 AND pid <> pg_catalog.pg_backend_pid()) AS others
    FROM pg_catalog.pg_database
   WHERE datname = pg_catalog.current_database()`;

const END_EARLIER = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE datname = pg_catalog.current_database() AND application_name LIKE $1 AND pid <> pg_catalog.pg_backend_pid()`;

function takenAway(): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'the stack was taken away: another worker has it now.', {
    hint: 'the tear-down of this worker took too long, or goes on after the end of the run.',
  });
}
