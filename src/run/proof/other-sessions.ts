// Whether anybody but us was ever on a stack's databases: for applications that were never seen there, as their connections
// end with each request.
import { APPLICATION } from '../../names.ts';
import { type Client, sessionsOpened, withClient } from '../../postgres/client/connection.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';

/** Since then Postgres counts a session the moment that it ends. */
const COUNTS_SESSIONS = 150_000;

/** How many sessions there were (0 where the server does not tell), and how many of them this process had opened. */
export interface SessionCount {
  readonly all: number;
  readonly ours: number;
}

export async function countSessions(server: DatabaseServer, databases: readonly string[]): Promise<SessionCount> {
  const ours = oursOn(databases);
  if (server.versionNumber < COUNTS_SESSIONS) return { all: 0, ours };
  const all = await withClient(server.connect({ purpose: 'count sessions' }), (client) => readCount(client, databases));
  return { all, ours: oursOn(databases) };
}

/**
 * 'unknown': this server does not tell, or something between it and us has sessions of its own.
 * @param since before any server was started
 * @param workers how many sessions of ours the workers have opened since
 */
export async function otherSessions(
  server: DatabaseServer,
  databases: readonly string[],
  since: SessionCount,
  workers: number,
): Promise<'some' | 'none' | 'unknown'> {
  if (server.versionNumber < COUNTS_SESSIONS) return 'unknown';
  return withClient(server.connect({ purpose: 'look for other sessions' }), async (client) => {
    const { rows } = await client.query<{ others: number; port: number | null }>(OTHERS, [
      databases,
      `${APPLICATION}%`,
    ]);
    const [{ others, port } = { others: 0, port: null }] = rows;
    if (others > 0) return 'some';
    // Of a Unix socket neither knows one.
    if ((port ?? undefined) !== localPortOf(client)) return 'unknown';
    const all = (await readCount(client, databases)) - since.all;
    return all > oursOn(databases) - since.ours + workers ? 'some' : 'none';
  });
}

function oursOn(databases: readonly string[]): number {
  return databases.reduce((sum, database) => sum + sessionsOpened(database), 0);
}

async function readCount(client: Client, databases: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ sessions: number }>(COUNT, [databases]);
  return rows[0]?.sessions ?? 0;
}

function localPortOf(client: Client): unknown {
  const connection: unknown = Reflect.get(client, 'connection');
  const stream: unknown = Reflect.get(Object(connection), 'stream');
  return Reflect.get(Object(stream), 'localPort');
}

const COUNT = `
  SELECT coalesce(sum(sessions), 0)::int AS sessions FROM pg_catalog.pg_stat_database WHERE datname = ANY ($1)`;

const OTHERS = `
  SELECT count(*)::int AS others, pg_catalog.inet_client_port() AS port
    FROM pg_catalog.pg_stat_activity
   WHERE datname = ANY ($1) AND backend_type = 'client backend' AND application_name NOT LIKE $2`;
