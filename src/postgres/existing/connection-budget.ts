// The connections of an existing server that a stack of any run, on any machine, may use. Kept where the resource is,
// as advisory locks of the runs' leases whose second key says how many: what a dead run had is free at once.
import { StacksError } from '../../errors.ts';
import { duration } from '../../text/duration.ts';
import { growing, poll } from '../../wait.ts';
import { BUDGET_GATE, BUDGET_LOCK, BUDGET_WANTED } from '../client/advisory-lock.ts';
import type { Client } from '../client/connection.ts';

export interface ReserveOptions {
  /** How many connections. */
  readonly connections: number;
  readonly signal: AbortSignal;
  /** Called once, when there is not enough now. */
  readonly onWait: (state: BudgetState) => void;
  /** Milliseconds to wait. */
  readonly timeout: number;
}

/** Connections of the server (or of the role, where its limit is lower). */
export interface BudgetState {
  readonly total: number;
  readonly free: number;
}

const PAUSE = growing(200, 2_000, 0.3);

/** What a run has of the server's connections. */
export class ConnectionBudget {
  readonly #lease: Client;
  readonly #title: string;
  /** 20 bits that tell the stacks of all runs apart, where they do not collide. */
  #next: number = Math.floor(Math.random() * 2 ** 20);
  /** The last that took or waits; who does not know yet that too few are free; what the first in the line found. */
  #line: Promise<unknown> = Promise.resolve();
  readonly #unaware = new Set<ReserveOptions['onWait']>();
  #first: BudgetState | undefined;
  /** Stacks ask at once, and a session answers one at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(lease: Client, title: string) {
    this.#lease = lease;
    this.#title = title;
  }

  /** Throws DATABASE_FULL where `connections` are more than there could ever be. */
  async mustFit(connections: number): Promise<void> {
    const { total } = await this.#look();
    if (connections > total) throw tooSmall(this.#title, connections, total);
  }

  /** Waits until `connections` are free, behind the stacks of this run that wait already; resolves to the function that releases them. */
  async reserve(options: ReserveOptions): Promise<() => Promise<void>> {
    const before = this.#line;
    const taking = this.#reserveAfter(before, options);
    this.#line = taking.catch(() => {}); // whoever waits has the error; the next in the line tries all the same
    return taking;
  }

  async #reserveAfter(before: Promise<unknown>, options: ReserveOptions): Promise<() => Promise<void>> {
    const { connections, signal, onWait, timeout } = options;
    const deadline = Date.now() + timeout;
    if (this.#first) onWait(this.#first);
    else this.#unaware.add(onWait);
    await before;
    signal.throwIfAborted();
    let state = await this.#try(connections);
    if (state.key !== null) {
      this.#unaware.delete(onWait);
      return this.#releaser(state.key);
    }
    for (const onWait of this.#unaware) onWait(state);
    this.#unaware.clear();
    const wanted = await this.#want();
    try {
      const key = await poll(
        async () => {
          this.#first = state;
          state = await this.#try(connections);
          return state.key ?? undefined;
        },
        // Not all that wait at the same moments.
        { timeout: deadline - Date.now(), interval: (ms) => PAUSE(ms) * (0.8 + 0.4 * Math.random()), signal },
      );
      if (key === undefined) throw tooLong(this.#title, connections, state, timeout);
      return this.#releaser(key);
    } finally {
      this.#first = undefined;
      await this.#unlock(BUDGET_WANTED, wanted);
    }
  }

  #releaser(key: number): () => Promise<void> {
    return () => this.#unlock(BUDGET_LOCK, key);
  }

  /** Whether a stack of some run waits for free connections: an idle one should release its own. */
  async isWanted(): Promise<boolean> {
    const { wanted } = await this.#ask<{ wanted: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND classid = ${BUDGET_WANTED} AND ${HERE}) AS wanted`,
    );
    return wanted;
  }

  async #try(connections: number): Promise<BudgetState & { key: number | null }> {
    this.#next = (this.#next + 1) % 2 ** 20;
    const key = connections * 2 ** 20 + this.#next;
    // One message, therefore one transaction: the gate is closed for no longer.
    return this.#ask(`
      SELECT pg_catalog.pg_advisory_xact_lock(${BUDGET_GATE}, 0);
      WITH now AS MATERIALIZED (${STATE})
      SELECT total, free,
             CASE WHEN free >= ${connections} AND pg_catalog.pg_try_advisory_lock(${BUDGET_LOCK}, ${key})
                  THEN ${key} END AS key
        FROM now`);
  }

  async #look(): Promise<BudgetState> {
    return this.#ask(STATE);
  }

  async #want(): Promise<number> {
    const key = this.#next;
    await this.#ask(`SELECT pg_catalog.pg_advisory_lock_shared(${BUDGET_WANTED}, ${key})`);
    return key;
  }

  async #unlock(lock: number, key: number): Promise<void> {
    const shared = lock === BUDGET_WANTED ? '_shared' : '';
    const unlocking = this.#ask(`SELECT pg_catalog.pg_advisory_unlock${shared}(${lock}, ${key})`);
    await unlocking.catch(() => {}); // the session is gone, and its locks with it
  }

  /** The first row of the last statement. */
  async #ask<Row>(sql: string): Promise<Row> {
    const answer = this.#last.then(() => this.#lease.query(sql));
    this.#last = answer.catch(() => {}); // whoever asked has the error
    const results: unknown = await answer;
    const last = Array.isArray(results) ? results.at(-1) : results;
    return last.rows[0];
  }
}

/** Advisory locks of other databases mean something else. */
const HERE = 'database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())';

// Who may not see other roles' activity still sees a row for each. A stack that uses more than it reserved is counted.
// Entries are read as text: anybody may write what looks like one, and a wrong count is all that comes of it.
const STATE = `
  WITH clones AS (
    SELECT substring(description FROM '"kind":"run".*"oid":"([0-9]+)"') AS oid
      FROM pg_catalog.pg_description
     WHERE classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
       AND pg_catalog.starts_with(description, '{"playwright-stacks":')
  ), sessions AS (
    SELECT usesysid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = current_user) AS mine,
           datid::text IN (SELECT oid FROM clones) AS stack
      FROM pg_catalog.pg_stat_activity
     WHERE datname IS NOT NULL AND usesysid IS NOT NULL AND coalesce(backend_type, 'client backend') = 'client backend'
  ), reserved AS (
    SELECT coalesce(sum(objid::bigint >> 20), 0) AS connections
      FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND classid = ${BUDGET_LOCK} AND granted AND ${HERE}
  ), limits AS (
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true)::int, 0) AS total,
           (SELECT count(*) FROM sessions) AS sessions,
           (SELECT count(*) FROM sessions WHERE stack) AS stacks
     UNION ALL
    SELECT rolconnlimit, (SELECT count(*) FROM sessions WHERE mine), (SELECT count(*) FROM sessions WHERE mine AND stack)
      FROM pg_catalog.pg_roles
     WHERE rolname = current_user AND rolconnlimit >= 0 AND NOT rolsuper
  )
  SELECT total::int, greatest(0, total - (sessions - stacks) - greatest(stacks, connections))::int AS free
    FROM limits, reserved
   ORDER BY free
   LIMIT 1`;

function tooSmall(title: string, connections: number, total: number): StacksError {
  const summary = `Postgres at ${title} allows ${total} connections, and a stack may need ${connections}.`;
  return new StacksError('DATABASE_FULL', summary, { hint: HINT });
}

function tooLong(title: string, connections: number, { total, free }: BudgetState, timeout: number): StacksError {
  const summary = `Postgres at ${title} had no free connections for a stack within ${duration(timeout)}.`;
  const facts = { needed: `${connections} connections`, free: `${free} of ${total}` };
  return new StacksError('DATABASE_FULL', summary, { facts, hint: HINT });
}

const HINT =
  'raise `max_connections` of the server (or the connection limit of the role), run fewer workers at once, or lower `database.connections` where the application needs less.';
