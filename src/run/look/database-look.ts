// How the databases of open stacks are now: their sizes, who is connected, and which query waits for whom. One query on a
// session of its own, which is there only as long as somebody asks.
import type { Blocker, RunningQuery } from '../../board/live-facts.ts';
import { APPLICATION } from '../../names.ts';
import type { Client } from '../../postgres/client/connection.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { presentable } from '../../text/presentable.ts';
import { sqlWithoutValues } from '../../text/shown-sql.ts';
import { within } from '../../wait.ts';

export interface DatabaseNow {
  readonly database: string;
  readonly size: number;
  readonly connections: number;
  readonly query: RunningQuery | undefined;
}

/** Milliseconds that it may take: sizes of many tables are many files. */
const LOOK_TIMEOUT_MS = 2_000;
/** Characters of a statement, and of an application's name. */
const LONGEST_SQL = 300;
const LONGEST_NAME = 100;
/** Sessions whose locks one waits for. */
const MOST_BLOCKERS = 5;

export class DatabaseLook {
  readonly #server: DatabaseServer;
  readonly #timeout: number;
  #session: Promise<Client> | undefined;

  constructor(server: DatabaseServer, timeout: number = LOOK_TIMEOUT_MS) {
    this.#server = server;
    this.#timeout = timeout;
  }

  /** @throws where they cannot be asked now; the next look tries again */
  async look(databases: readonly string[]): Promise<readonly DatabaseNow[]> {
    if (databases.length === 0) return [];
    try {
      // Postgres ends what takes long; where it does not answer at all, nobody waits for it, the run's end least of all.
      const { rows } = await within(2 * this.#timeout, 'a look at the databases', () => this.#ask(databases));
      return rows.map(databaseNow);
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async end(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.then((client) => client.end()).catch(() => {}); // it was lost
  }

  async #ask(databases: readonly string[]) {
    this.#session ??= this.#connect();
    return (await this.#session).query<Row>(LOOK, [databases, `${APPLICATION}%`]);
  }

  async #connect(): Promise<Client> {
    const client = await this.#server.connect({ purpose: 'board', timeout: this.#timeout });
    await client.query(`SET statement_timeout = ${this.#timeout}`);
    return client;
  }
}

interface Row {
  readonly database: string;
  readonly size: number;
  readonly connections: number;
  readonly pid: number | null;
  readonly query: string;
  readonly ms: number;
  readonly blockers: readonly (Omit<Blocker, 'sql'> & { readonly query: string })[] | null;
}

function databaseNow({ database, size, connections, pid, query, ms, blockers }: Row): DatabaseNow {
  const blocked = (blockers ?? []).slice(0, MOST_BLOCKERS).map(({ query: of, application, ...each }) => {
    return { ...each, application: presentable(application, LONGEST_NAME), sql: shown(of) };
  });
  const running = pid === null ? undefined : { pid, sql: shown(query), ms: Math.round(ms), blockers: blocked };
  return { database, size, connections, query: running };
}

function shown(sql: string): string {
  return presentable(sqlWithoutValues(sql).replace(/\s+/g, ' ').trim(), LONGEST_SQL);
}

/** Sessions of ours are not counted, but may be those that another waits for. */
const LOOK = `
WITH sessions AS MATERIALIZED (
  SELECT pid, datid, application_name, state, query, query_start, wait_event_type, application_name LIKE $2 AS ours
    FROM pg_catalog.pg_stat_activity
   WHERE datid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid()
)
SELECT d.datname AS database,
       pg_catalog.pg_database_size(d.oid)::float8 AS size,
       (SELECT count(*) FROM sessions s WHERE s.datid = d.oid AND NOT s.ours)::int AS connections,
       longest.pid, left(longest.query, 20000) AS query,
       extract(epoch FROM clock_timestamp() - longest.query_start)::float8 * 1000 AS ms,
       (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
                 'pid', b.pid, 'application', coalesce(b.application_name, ''), 'state', coalesce(b.state, ''),
                 'query', left(coalesce(b.query, ''), 20000)))
          FROM sessions b
         WHERE longest.wait_event_type = 'Lock' AND b.pid = ANY (pg_catalog.pg_blocking_pids(longest.pid))) AS blockers
  FROM pg_catalog.pg_database d
  LEFT JOIN LATERAL (
         SELECT s.pid, s.query, s.query_start, s.wait_event_type
           FROM sessions s
          WHERE s.datid = d.oid AND s.state = 'active' AND NOT s.ours
          ORDER BY s.query_start
          LIMIT 1) longest ON true
 WHERE d.datname = ANY ($1)
 ORDER BY d.datname`;
