// The locks of one worker: each is held on this machine and, on an existing server, on that server.
import { StacksError } from '../errors.ts';
import { LockConnection } from './lock-connection.ts';
import { lockDeadlock, lockTimeout, lockUnwanted } from './lock-errors.ts';
import { lockFolder } from './lock-folder.ts';
import type { LockMode, Owner, OwnerInfo } from './lock-table.ts';
import { type ServerLock, ServerLocks } from './server-locks.ts';

/** What `lock()` takes beside a name. */
export interface LockOptions {
  /**
   * `'read-write'` is held by one; `'read'` is shared by all who read. Anything else is OPTIONS_INVALID.
   * @default 'read-write'
   */
  readonly mode?: LockMode;
  /**
   * Milliseconds to wait; they do not count as the test's time. Anything but a number above 0 is OPTIONS_INVALID.
   * @default 300_000
   * @example await using lock = await lock('payments sandbox', { timeout: 600_000 });
   */
  readonly timeout?: number;
}

/** What becomes of a request. */
export interface LockChange {
  readonly type: 'lock-asked' | 'lock-taken' | 'lock-refused' | 'lock-released';
  readonly name: string;
  readonly mode: LockMode;
}

export interface LocksOptions {
  /** @default the user's own on this machine */
  readonly folder?: string;
  /** The agreed database of an existing server. */
  readonly server?: string | undefined;
}

const TIMEOUT_MS = 300_000;

export class Locks {
  readonly #options: LocksOptions;
  readonly #server: ServerLocks | undefined;
  #connection: Promise<LockConnection> | undefined;
  #owners = 0;

  constructor(options: LocksOptions = {}) {
    this.#options = options;
    this.#server = options.server === undefined ? undefined : new ServerLocks(options.server);
  }

  /** Somebody who holds locks: a test, or a worker. */
  ownerOf(info: OwnerInfo, onChange: (change: LockChange) => void = () => {}): LockOwner {
    const owner = { id: String(++this.#owners), info };
    return new LockOwner(owner, onChange, this.#server, () => this.#connected());
  }

  async close(): Promise<void> {
    (await this.#connection?.catch(() => undefined))?.close();
    await this.#server?.close();
  }

  /** One connection, also for owners who ask at once: on another one an owner would wait for itself. */
  #connected(): Promise<LockConnection> {
    const open = () => LockConnection.open(this.#options.folder ?? lockFolder());
    this.#connection = this.#connection?.then((known) => (known.isLost ? open() : known), open) ?? open();
    return this.#connection;
  }
}

interface Held {
  readonly name: string;
  readonly mode: LockMode;
  readonly connection: LockConnection;
  readonly onServer: ServerLock | undefined;
}

/** Held locks are released with it. */
export class LockOwner implements AsyncDisposable {
  readonly #owner: Owner;
  readonly #onChange: (change: LockChange) => void;
  readonly #server: ServerLocks | undefined;
  readonly #connect: () => Promise<LockConnection>;
  readonly #held = new Set<Held>();
  /** Where it has asked. */
  readonly #connections = new Set<LockConnection>();
  /** One request after the other: on a server they share a session. */
  #asked: Promise<unknown> = Promise.resolve();
  #isEnded = false;

  constructor(
    owner: Owner,
    onChange: (change: LockChange) => void,
    server: ServerLocks | undefined,
    connect: () => Promise<LockConnection>,
  ) {
    this.#owner = owner;
    this.#onChange = onChange;
    this.#server = server;
    this.#connect = connect;
  }

  /** Resolves with the function that releases it. Throws LOCK_TIMEOUT, LOCK_DEADLOCK, LOCK_UNAVAILABLE, OPTIONS_INVALID. */
  async take(name: string, options: LockOptions = {}): Promise<() => Promise<void>> {
    const { mode, timeout } = checked(name, options);
    this.#onChange({ type: 'lock-asked', name, mode });
    const taking = this.#asked.then(() => this.#take(name, mode, timeout));
    this.#asked = taking.catch(() => {});
    try {
      const release = await taking;
      this.#onChange({ type: 'lock-taken', name, mode });
      return release;
    } catch (error) {
      this.#onChange({ type: 'lock-refused', name, mode });
      throw this.#isEnded ? lockUnwanted(name, mode, this.#owner) : error;
    }
  }

  /** Releases all, and refuses what it waits for. Throws LOCK_LOST where another may have had a lock, too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    const held = [...this.#held];
    this.#held.clear();
    const gone = held.find(({ connection, onServer }) => connection.isLost || onServer?.isLost);
    for (const connection of this.#connections) connection.releaseAll(this.#owner.id);
    await this.#server?.releaseAll(this.#owner);
    await this.#asked;
    for (const { name, mode } of held) this.#onChange({ type: 'lock-released', name, mode });
    if (gone) throw lost(gone.name);
  }

  async #take(name: string, mode: LockMode, timeout: number): Promise<() => Promise<void>> {
    const began = Date.now();
    this.#mustGoOn(name, mode);
    const onServer = await this.#server?.take({ owner: this.#owner, name, mode, timeout });
    try {
      const left = Math.max(1, timeout - (Date.now() - began));
      const connection = await this.#takeHere(name, mode, left, timeout);
      const held = { name, mode, connection, onServer };
      this.#held.add(held);
      return () => this.#release(held);
    } catch (error) {
      await onServer?.release();
      throw error;
    }
  }

  async #takeHere(name: string, mode: LockMode, left: number, timeout: number): Promise<LockConnection> {
    const { id, info } = this.#owner;
    const { connection, answer } = await this.#ask({ owner: id, info, name, mode, timeout: left });
    if (answer.type === 'timed-out') throw lockTimeout(name, mode, timeout, answer.blocking);
    if (answer.type === 'deadlock') throw lockDeadlock(name, mode, answer.circle);
    this.#mustGoOn(name, mode); // it may have ended while the answer came
    return connection;
  }

  async #release(held: Held): Promise<void> {
    const { name, mode, connection, onServer } = held;
    if (this.#isEnded || !this.#held.delete(held)) return;
    connection.release(this.#owner.id, name);
    this.#onChange({ type: 'lock-released', name, mode });
    const wasHeld = (await onServer?.release()) ?? true;
    if (connection.isLost || !wasHeld) throw lost(name);
  }

  #mustGoOn(name: string, mode: LockMode): void {
    if (this.#isEnded) throw lockUnwanted(name, mode, this.#owner);
  }

  /** Where the service ends in between, the next one is asked: who only waits has lost nothing. */
  async #ask(request: Parameters<LockConnection['ask']>[0]) {
    const deadline = Date.now() + request.timeout;
    for (;;) {
      const connection = await this.#connect();
      this.#mustGoOn(request.name, request.mode);
      this.#connections.add(connection);
      const timeout = Math.max(1, deadline - Date.now());
      try {
        return { connection, answer: await connection.ask({ ...request, timeout }) };
      } catch (error) {
        if (Date.now() >= deadline) throw error;
      }
    }
  }
}

const LONGEST_NAME = 1_024;

function checked(name: unknown, { mode = 'read-write', timeout = TIMEOUT_MS }: LockOptions) {
  const say = (what: string, got: unknown) =>
    new StacksError('OPTIONS_INVALID', `${what}, got ${JSON.stringify(got)?.slice(0, 100)}.`, {
      hint: "write: lock('payments sandbox'), lock('catalogue', { mode: 'read', timeout: 60_000 }).",
    });
  if (typeof name !== 'string' || name === '')
    throw say('the name of a lock must be a string with at least one character', name);
  if (name.length > LONGEST_NAME)
    throw say(`the name of a lock has at most ${LONGEST_NAME} characters`, `${name.length} characters`);
  if (/\p{Cc}/u.test(name)) throw say('the name of a lock is one line, without control characters', name);
  if (mode !== 'read' && mode !== 'read-write') throw say("`mode` of lock() must be 'read' or 'read-write'", mode);
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout < 2 ** 31;
  if (!isTime) throw say('`timeout` of lock() must be a number of milliseconds above 0', timeout);
  return { mode, timeout };
}

function lost(name: string): StacksError {
  return new StacksError('LOCK_LOST', `lock '${name}' was lost while it was held: another test may have had it, too.`, {
    hint: 'the lock service (lock-service-main.js) was killed, or the session on the server ended. Run the test again.',
  });
}
