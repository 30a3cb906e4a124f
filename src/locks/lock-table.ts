// Who holds which lock, and who waits for it: first come, first served; readers share. A request that would close a
// circle of waiting owners is refused at once. No clock, no sockets.

/** `read` is shared by readers, `read-write` is held by one. */
export type LockMode = 'read' | 'read-write';

/** Who asks, in words: for the messages of others. */
export interface OwnerInfo {
  readonly run: string;
  /** The project's folder. */
  readonly root: string;
  /** The test's title, or "worker 3". */
  readonly title: string;
  readonly pid: number;
}

export interface Owner {
  readonly id: string;
  readonly info: OwnerInfo;
}

/** Somebody who holds a lock, or waits for it. */
export interface LockParty {
  readonly owner: Owner;
  readonly name: string;
  readonly mode: LockMode;
  /** It has the lock; else it waits for it. */
  readonly holds: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** `waiting` cannot go on before `blocking` does. */
export interface WaitsFor {
  readonly waiting: LockParty;
  readonly blocking: LockParty;
}

export interface LockRequest extends Omit<LockParty, 'holds'> {
  /** Called once, when the lock is the owner's. */
  grant(): void;
  /** Called instead where the owner ended before. */
  drop(): void;
}

export type Asked =
  | { readonly type: 'granted' }
  | { readonly type: 'waits' }
  | { readonly type: 'deadlock'; readonly circle: readonly WaitsFor[] };

interface Held extends LockParty {
  readonly holds: true;
  /** How often the owner has asked for it: it is free after as many releases. */
  readonly times: number;
}

interface Lock {
  readonly name: string;
  holders: Held[];
  waiting: LockRequest[];
}

export class LockTable {
  readonly #locks = new Map<string, Lock>();

  /** Grants the lock at once, or in its turn. */
  ask(request: LockRequest): Asked {
    const lock = this.#locks.get(request.name) ?? { name: request.name, holders: [], waiting: [] };
    this.#locks.set(request.name, lock);
    const own = lock.holders.find((held) => held.owner.id === request.owner.id);
    if (own && (own.mode === 'read-write' || request.mode === 'read')) {
      hold(lock, { ...own, times: own.times + 1 });
      request.grant();
      return { type: 'granted' };
    }
    // A reader who wants to write goes before all who come new: none of them can have the lock before it lets go.
    if (own) lock.waiting.unshift(request);
    else lock.waiting.push(request);
    const circle = this.#circleOf(request);
    if (circle) {
      this.#remove(lock, request);
      return { type: 'deadlock', circle };
    }
    this.#pass(lock);
    return lock.waiting.includes(request) ? { type: 'waits' } : { type: 'granted' };
  }

  /** The request is no longer wanted. False: it was granted before. */
  cancel(request: LockRequest): boolean {
    const lock = this.#locks.get(request.name);
    if (!lock?.waiting.includes(request)) return false;
    this.#remove(lock, request);
    return true;
  }

  /** Undoes one `ask`. False: the owner does not hold it. */
  release(owner: string, name: string): boolean {
    const lock = this.#locks.get(name);
    const held = lock?.holders.find((each) => each.owner.id === owner);
    if (!lock || !held) return false;
    if (held.times > 1) hold(lock, { ...held, times: held.times - 1 });
    else lock.holders = lock.holders.filter((each) => each !== held);
    this.#pass(lock);
    return true;
  }

  /** All that an owner holds or waits for. */
  releaseAll(owner: string): void {
    for (const lock of [...this.#locks.values()]) {
      lock.holders = lock.holders.filter((held) => held.owner.id !== owner);
      const dropped = lock.waiting.filter((request) => request.owner.id === owner);
      lock.waiting = lock.waiting.filter((request) => request.owner.id !== owner);
      for (const request of dropped) request.drop();
      this.#pass(lock);
    }
  }

  /** Those for whom a request waits: they hold the lock, or came before. */
  blocking(request: LockRequest): readonly LockParty[] {
    const lock = this.#locks.get(request.name);
    if (!lock) return [];
    const before = lock.waiting.slice(0, Math.max(0, lock.waiting.indexOf(request)));
    return [...lock.holders, ...before.map(waiter)].filter((other) => excludes(other, request));
  }

  /** Every lock that somebody holds. */
  parties(): readonly {
    readonly name: string;
    readonly holders: readonly LockParty[];
    readonly waiting: readonly LockRequest[];
  }[] {
    return [...this.#locks.values()];
  }

  #pass(lock: Lock): void {
    for (let next = lock.waiting[0]; next && this.blocking(next).length === 0; next = lock.waiting[0]) {
      lock.waiting.shift();
      const { owner, name, mode } = next;
      const own = lock.holders.find((held) => held.owner.id === owner.id);
      hold(lock, { owner, name, mode, holds: true, since: Date.now(), times: (own?.times ?? 0) + 1 });
      next.grant();
    }
    if (lock.holders.length === 0 && lock.waiting.length === 0) this.#locks.delete(lock.name);
  }

  #remove(lock: Lock, request: LockRequest): void {
    lock.waiting = lock.waiting.filter((each) => each !== request);
    this.#pass(lock); // a reader behind a writer who gave up
  }

  /** The way from the request's owner along those who wait back to the same owner. */
  #circleOf(request: LockRequest): readonly WaitsFor[] | undefined {
    const seen = new Set<string>();
    const search = (waiting: LockRequest): readonly WaitsFor[] | undefined => {
      for (const blocking of this.blocking(waiting)) {
        const step = { waiting: waiter(waiting), blocking };
        if (blocking.owner.id === request.owner.id) return [step];
        if (seen.has(blocking.owner.id)) continue;
        seen.add(blocking.owner.id);
        for (const next of this.#waitsOf(blocking.owner.id)) {
          const rest = search(next);
          if (rest) return [step, ...rest];
        }
      }
      return undefined;
    };
    return search(request);
  }

  #waitsOf(owner: string): readonly LockRequest[] {
    return [...this.#locks.values()].flatMap((lock) => lock.waiting.filter((each) => each.owner.id === owner));
  }
}

function excludes(other: LockParty, request: LockRequest): boolean {
  return other.owner.id !== request.owner.id && (other.mode === 'read-write' || request.mode === 'read-write');
}

function hold(lock: Lock, held: Held): void {
  lock.holders = [...lock.holders.filter((each) => each.owner.id !== held.owner.id), held];
}

function waiter({ owner, name, mode, since }: LockRequest): LockParty {
  return { owner, name, mode, holds: false, since };
}
