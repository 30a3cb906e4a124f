// Dropping a database of ours, whoever is still connected to it; never one of anybody else's.
import { setTimeout as delay } from 'node:timers/promises';
import { StacksError } from '../../errors.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { isOurs, MARKER } from './marker.ts';

/** Sessions that were told to end get this long, then they are forced. */
const PATIENCE = 5_000;

/** Drops the clone or template `name`; nothing happens when it is gone. Refuses a database without our marker. */
export async function dropDatabase(server: DatabaseServer, name: string): Promise<void> {
  await withClient(server.connect({ purpose: `drop ${name}` }), async (client) => {
    const { rows } = await client.query<{ comment: string | null }>(COMMENT, [name]);
    const [found] = rows;
    if (!found) return;
    if (!isOurs(name, found.comment)) throw refused(name);
    await dropOurs(client, name);
  });
}

/** Drops `name` without looking: for one who holds the lock under which alone that name is used. */
export async function dropOurs(client: Client, name: string): Promise<void> {
  const { rows } = await client.query<{ limit: number }>(LIMIT, [name]);
  const [found] = rows;
  if (!found) return;
  const quoted = quoteIdent(name);
  // A drop that was interrupted leaves a database that can only be dropped.
  if (found.limit !== INVALID)
    await client.query(`ALTER DATABASE ${quoted} WITH ALLOW_CONNECTIONS false IS_TEMPLATE false`);
  // Faster than DROP … WITH (FORCE), which looks every 100 ms.
  const force = (await endSessions(client, name, PATIENCE)) ? '' : 'WITH (FORCE)';
  await client.query(`DROP DATABASE IF EXISTS ${quoted} ${force}`);
}

/** Ends the sessions of others on `name`; false: some were still there after `patience` ms. */
export async function endSessions(client: Client, name: string, patience: number): Promise<boolean> {
  await client.query(
    `SELECT pg_catalog.pg_terminate_backend(pid)
       FROM pg_catalog.pg_stat_activity
      WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()`,
    [name],
  );
  return waitUntilUnused(client, name, patience);
}

/** Whether within `patience` ms nobody but `client` is connected to `name`. */
export async function waitUntilUnused(client: Client, name: string, patience: number): Promise<boolean> {
  const deadline = Date.now() + patience;
  for (;;) {
    const { rows } = await client.query<{ used: boolean }>(USED, [name]);
    if (!rows[0]?.used) return true;
    if (Date.now() > deadline) return false;
    await delay(2);
  }
}

const LIMIT = `
  SELECT datconnlimit AS "limit"
    FROM pg_catalog.pg_database
   WHERE datname = $1`;

const INVALID = -2;

const COMMENT = `
  SELECT pg_catalog.shobj_description(oid, 'pg_database') AS comment
    FROM pg_catalog.pg_database
   WHERE datname = $1`;

const USED = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_stat_activity
     WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()
  ) AS used`;

function refused(name: string): StacksError {
  return new StacksError('TEARDOWN_FAILED', `the database "${name}" is not ours: it was not dropped.`, {
    facts: { reason: `its name does not begin with "stk_", or its comment has no "${MARKER}"` },
    hint: `if nobody needs it: \`DROP DATABASE ${quoteIdent(name)}\`.`,
  });
}
