// The same locks on an existing server, where runs on other machines meet: advisory locks in the agreed database. An
// owner has one session; what it holds is free when the session ends. Postgres keeps the queue: first come, first served.
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, connect } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { lockDeadlock, lockTimeout } from './lock-errors.ts';
import type { LockMode, Owner } from './lock-table.ts';
import { type Circle, circleAt, keyOf, noteOf, partiesOf, TEST_LOCK } from './server-lock-parties.ts';

/** Milliseconds between two looks for a circle; two that see the same one make it sure. */
const LOOK_INTERVAL_MS = 150;

/** The wait has its own limit; and of a machine that is gone the server knows within a minute. */
const SETTINGS = `
  SET statement_timeout = 0;
  SET tcp_keepalives_idle = 30;
  SET tcp_keepalives_interval = 10;
  SET tcp_keepalives_count = 3`;

interface Session {
  readonly client: Client;
  readonly pid: number;
}

interface Wait {
  readonly owner: Owner;
  readonly name: string;
  readonly mode: LockMode;
  readonly timeout: number;
}

export class ServerLocks {
  readonly #url: string;
  readonly #sessions = new Map<string, Promise<Session>>();
  #watcher: Promise<Session> | undefined;

  /** @param url of the agreed database */
  constructor(url: string) {
    this.#url = url;
  }

  /** Throws LOCK_TIMEOUT, LOCK_DEADLOCK, DATABASE_UNREACHABLE. */
  async take(wait: Wait): Promise<void> {
    const { owner, name, mode, timeout } = wait;
    const session = await this.#sessionOf(owner);
    await session.client.query(`SET lock_timeout = ${Math.ceil(timeout)}`);
    const waited = new AbortController();
    const watching = this.#watchForCircle(session, waited.signal);
    try {
      const lock = mode === 'read' ? 'pg_advisory_lock_shared' : 'pg_advisory_lock';
      await session.client.query(`${noteOf(owner, name)} SELECT pg_catalog.${lock}($1, $2)`, [TEST_LOCK, keyOf(name)]);
    } catch (error) {
      waited.abort();
      throw await failure(error, wait, session, await watching);
    } finally {
      waited.abort();
    }
  }

  async release(owner: Owner, name: string, mode: LockMode): Promise<void> {
    const session = await this.#sessions.get(owner.id);
    const unlock = mode === 'read' ? 'pg_advisory_unlock_shared' : 'pg_advisory_unlock';
    await session?.client.query(`${noteOf(owner, name)} SELECT pg_catalog.${unlock}($1, $2)`, [TEST_LOCK, keyOf(name)]);
  }

  /** Ends the owner's session. */
  async releaseAll(owner: Owner): Promise<void> {
    const session = this.#sessions.get(owner.id);
    this.#sessions.delete(owner.id);
    await (await session)?.client.end();
  }

  #sessionOf(owner: Owner): Promise<Session> {
    const session = this.#sessions.get(owner.id) ?? this.#connect(`locks of run ${owner.info.run}`);
    this.#sessions.set(owner.id, session);
    session.catch(() => this.#sessions.delete(owner.id));
    return session;
  }

  async #connect(purpose: string): Promise<Session> {
    const client = await connect({ connectionString: this.#url }, serverTitle(this.#url), { purpose });
    // It must not keep a worker alive that Playwright wants to end. (Not in the types of `pg`.)
    (client as Client & { unref(): void }).unref();
    await client.query(SETTINGS);
    const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
    return { client, pid: rows[0]?.pid ?? 0 };
  }

  /** Ends the session's wait where it is the last of a circle. Postgres's own look, after `deadlock_timeout`, may be late. */
  async #watchForCircle({ pid }: Session, signal: AbortSignal): Promise<Circle | undefined> {
    let before = '';
    for (;;) {
      await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      this.#watcher ??= this.#connect('watch locks');
      const { client } = await this.#watcher;
      const circle = await circleAt(client, pid);
      const seen = JSON.stringify(circle?.pids);
      if (circle?.last === pid && seen === before) {
        await client.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]);
        return circle;
      }
      before = seen;
    }
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values(), ...(this.#watcher ? [this.#watcher] : [])];
    this.#sessions.clear();
    this.#watcher = undefined;
    await Promise.all(sessions.map(async (session) => (await session.catch(() => undefined))?.client.end()));
  }
}

const LOCK_TIMED_OUT = '55P03';
const DEADLOCK = '40P01';

async function failure(
  error: unknown,
  { name, mode, timeout }: Wait,
  { client }: Session,
  circle: Circle | undefined,
): Promise<unknown> {
  const { code } = error as { code?: string };
  if (circle || code === DEADLOCK) return lockDeadlock(name, mode, circle?.waits ?? []);
  if (code !== LOCK_TIMED_OUT) return error;
  return lockTimeout(name, mode, timeout, await partiesOf(client, name));
}
