// The same locks on an existing server, where runs on other machines meet: advisory locks in the agreed database. An
// owner has one session; what it holds is free when the session ends. Postgres keeps the queue: first come, first served.
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, connect, KEEPALIVE } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { orAbort } from '../wait.ts';
import { lockDeadlock, lockTimeout } from './lock-errors.ts';
import type { LockMode, Owner } from './lock-table.ts';
import { type Circle, circleAt, circleOf, keyOf, noteOf, partiesOf, TEST_LOCK } from './server-lock-parties.ts';

/** Milliseconds between two looks for a circle; two that see the same one make it sure. */
const LOOK_INTERVAL_MS = 150;

/** The wait has its own limit. */
const SETTINGS = `SET statement_timeout = 0; ${KEEPALIVE}`;

const TERMINATE = 'SELECT pg_catalog.pg_terminate_backend($1)';

interface Session {
  readonly client: Client;
  readonly pid: number;
  /** It has ended, and what it held is free. */
  isLost: boolean;
}

/** A lock that is held on the server. */
export interface ServerLock {
  readonly isLost: boolean;
  /** False: it was lost before. */
  release(): Promise<boolean>;
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
  /** Owners whose session waits. */
  readonly #waiting = new Set<string>();
  #watcher: Promise<Session> | undefined;

  /** @param url of the agreed database */
  constructor(url: string) {
    this.#url = url;
  }

  /** Throws LOCK_TIMEOUT, LOCK_DEADLOCK, DATABASE_UNREACHABLE. */
  async take(wait: Wait): Promise<ServerLock> {
    const { owner, name, mode, timeout } = wait;
    const session = await this.#sessionOf(owner);
    await session.client.query(`SET lock_timeout = ${Math.ceil(timeout)}`);
    const waited = new AbortController();
    const watching = this.#watchForCircle(session, waited.signal);
    this.#waiting.add(owner.id);
    try {
      const lock = mode === 'read' ? 'pg_advisory_lock_shared' : 'pg_advisory_lock';
      await session.client.query(`${noteOf(owner, name)} SELECT pg_catalog.${lock}($1, $2)`, [TEST_LOCK, keyOf(name)]);
    } catch (error) {
      waited.abort();
      throw await failure(error, wait, session, await watching);
    } finally {
      this.#waiting.delete(owner.id);
      waited.abort();
    }
    return {
      get isLost() {
        return session.isLost;
      },
      release: () => release(session, wait),
    };
  }

  /** Ends the owner's session. */
  async releaseAll(owner: Owner): Promise<void> {
    const session = await this.#sessions.get(owner.id)?.catch(() => undefined);
    this.#sessions.delete(owner.id);
    if (!session) return;
    // One that waits does not see that we have gone, and would go on holding what it has.
    if (this.#waiting.has(owner.id)) {
      const terminating = this.#look().then(({ client }) => client.query(TERMINATE, [session.pid]));
      await terminating.catch(() => {}); // no connection left: then it ends with its wait
    }
    await session.client.end();
  }

  #sessionOf(owner: Owner): Promise<Session> {
    const known = this.#sessions.get(owner.id);
    if (known) return known;
    const forget = () => this.#sessions.delete(owner.id);
    const session = this.#connect(`locks of run ${owner.info.run}`, forget);
    this.#sessions.set(owner.id, session);
    session.catch(forget);
    return session;
  }

  /** The session that looks for circles. */
  #look(): Promise<Session> {
    if (this.#watcher) return this.#watcher;
    const forget = () => {
      this.#watcher = undefined;
    };
    this.#watcher = this.#connect('watch locks', forget);
    this.#watcher.catch(forget);
    return this.#watcher;
  }

  async #connect(purpose: string, onEnd: () => void): Promise<Session> {
    const client = await connect({ connectionString: this.#url }, serverTitle(this.#url), { purpose });
    // It must not keep a worker alive that Playwright wants to end. (Not in the types of `pg`.)
    (client as Client & { unref(): void }).unref();
    await client.query(SETTINGS);
    const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
    const session: Session = { client, pid: rows[0]?.pid ?? 0, isLost: false };
    const lose = () => {
      session.isLost = true;
      onEnd();
    };
    client.once('error', lose).once('end', lose);
    return session;
  }

  /** Ends the session's wait where it is the last of a circle. Postgres's own look, after `deadlock_timeout`, may be late, and first where the machine is busy. */
  async #watchForCircle({ pid }: Session, signal: AbortSignal): Promise<Circle | undefined> {
    let before = '';
    for (;;) {
      await delay(LOOK_INTERVAL_MS, undefined, { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      // Where the server has no connection left for this, its own look is late, but comes.
      const watcher = await orAbort(signal, this.#look()).catch(() => undefined);
      const circle = watcher && (await circleAt(watcher.client, pid).catch(() => undefined));
      const seen = JSON.stringify(circle?.pids);
      if (watcher && circle?.last === pid && seen === before) {
        const cancelling = watcher.client.query('SELECT pg_catalog.pg_cancel_backend($1)', [pid]);
        const isCancelled = await cancelling.then(
          () => true,
          () => false,
        );
        if (isCancelled) return circle;
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

async function release({ client, isLost }: Session, { owner, name, mode }: Wait): Promise<boolean> {
  if (isLost) return false;
  const unlock = mode === 'read' ? 'pg_advisory_unlock_shared' : 'pg_advisory_unlock';
  const statement = `${noteOf(owner, name)} SELECT pg_catalog.${unlock}($1, $2) AS held`;
  const released = client.query<{ held: boolean }>(statement, [TEST_LOCK, keyOf(name)]);
  return released.then(
    ({ rows }) => rows[0]?.held === true,
    () => false, // its session has ended
  );
}

const LOCK_TIMED_OUT = '55P03';
const DEADLOCK = '40P01';

async function failure(
  error: unknown,
  { owner, name, mode, timeout }: Wait,
  { client, pid }: Session,
  circle: Circle | undefined,
): Promise<unknown> {
  const { code } = error as { code?: string };
  if (circle) return lockDeadlock(name, mode, circle.waits);
  if (code === DEADLOCK) {
    const found = await circleOf(client, { pid, owner, name, mode }).catch(() => undefined);
    return lockDeadlock(name, mode, found?.waits ?? []);
  }
  if (code !== LOCK_TIMED_OUT) return error;
  return lockTimeout(name, mode, timeout, await partiesOf(client, name));
}
