// The runner's end of the leases: a Unix socket, a connection a worker. A stack has one holder at a time.
import { createServer, type Server, type Socket } from 'node:net';
import type { Events } from '../events.ts';
import { within } from '../lifetime.ts';
import {
  type Answer,
  type Deltas,
  type EndedTest,
  type Marks,
  onMessage,
  type Question,
  type Request,
  send,
  type Told,
} from './protocol.ts';

/** Milliseconds that a worker gets to finish its teardown before its stack is taken away from it. */
const PATIENCE = 10_000;

/** What a worker asks for. */
export interface Claim {
  readonly slot: number;
  readonly variant: string;
  readonly worker: number;
  readonly project: string;
}

/** The stacks that are leased: the run's pool. */
export interface LeasedStacks {
  take(claim: Claim): Promise<Answer>;
  fresh(claim: Claim): Promise<Answer>;
  restart(claim: Claim, servers: readonly string[]): Promise<Answer>;
  keep(claim: Claim, test: EndedTest): Promise<Answer>;
  describe(claim: Claim): Promise<Answer>;
  /** Resolves with what ends the turn. */
  turn(): Promise<() => void>;
  addPrelude(variant: string, delta: Deltas): void;
  addFixture(claim: Claim, name: string, delta: Deltas): Promise<void>;
  setBase(claim: Claim, base: { marks: Marks; preludes: number }): Promise<void>;
  release(slot: number, variant: string): Promise<void>;
  onServerExit(heard: (slot: number, variant: string, message: string) => void): void;
}

interface Holder extends Claim {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  endTurn: (() => void) | undefined;
}

export class LeaseServer {
  readonly #pool: LeasedStacks;
  readonly #events: Events;
  readonly #server: Server;
  #holders = new Map<string, Holder>();
  readonly #sockets = new Set<Socket>();

  constructor(pool: LeasedStacks, events: Events) {
    this.#pool = pool;
    this.#events = events;
    // Playwright may end its process while a worker is still connected: that must not hold it up.
    this.#server = createServer((socket) => this.#serve(socket)).unref();
    pool.onServerExit((slot, variant, message) => {
      const holder = this.#holders.get(`${slot} ${variant}`);
      if (holder?.socket.writable) send(holder.socket, { type: 'server-exited', message });
    });
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
  }

  /** Takes no new worker; waits until none is connected any more, at most `timeout` ms, and ends what is left. */
  async close(timeout: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await within(timeout, 'open leases', () => closed).catch(() => {
      for (const socket of this.#sockets) socket.destroy(); // A worker in a long teardown; its stack goes all the same.
    });
    await closed;
  }

  #serve(socket: Socket): void {
    socket.unref();
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // A worker that was killed; 'close' follows and frees its stack.
    let holder: Holder | undefined;
    onMessage<Request>(socket, (request) => {
      if (request.type === 'lease') {
        const { slot, variant, worker, project } = request;
        const closed = new Promise<void>((resolve) => socket.once('close', resolve));
        holder = { slot, variant, worker, project, socket, closed, endTurn: undefined };
        void this.#lease(holder);
      } else if (holder) this.#hear(holder, request);
    });
  }

  async #lease(holder: Holder): Promise<void> {
    const { slot, variant, worker, closed } = holder;
    const key = `${slot} ${variant}`;
    for (let other = this.#holders.get(key); other; other = this.#holders.get(key)) {
      await within(PATIENCE, 'earlier lease', () => other.closed).catch(() => other.socket.destroy());
      await other.closed;
    }
    this.#holders.set(key, holder);
    void closed.then(() => {
      if (this.#holders.get(key) === holder) this.#holders.delete(key);
      holder.endTurn?.();
      this.#events.emit({ type: 'released', slot, variant, worker });
      this.#pool.release(slot, variant).catch(() => {}); // A server that is gone shows at the next lease.
    });
    const began = performance.now();
    const answer = await this.#pool.take(holder);
    if (answer.type === 'ready') {
      const ms = Math.round(performance.now() - began);
      this.#events.emit({ type: 'leased', slot, variant, worker, database: answer.stack.database, ms });
    }
    reply(holder, answer);
  }

  #hear(holder: Holder, request: Exclude<Question, { type: 'lease' }> | Told): void {
    const { slot, variant, worker } = holder;
    switch (request.type) {
      case 'fresh':
        return void this.#pool.fresh(holder).then((answer) => reply(holder, answer));
      case 'restart':
        return void this.#pool.restart(holder, request.servers).then((answer) => reply(holder, answer));
      case 'keep':
        return void this.#pool.keep(holder, request.test).then((answer) => reply(holder, answer));
      case 'turn':
        return void this.#turn(holder);
      case 'turn-over':
        if (request.prelude) this.#pool.addPrelude(variant, request.prelude);
        holder.endTurn?.();
        return;
      case 'fixture':
        return void this.#pool.addFixture(holder, request.name, request.delta);
      case 'base':
        return void this.#pool.setBase(holder, request);
      case 'event':
        this.#events.emit({ slot, variant, worker, ...request.event });
    }
  }

  async #turn(holder: Holder): Promise<void> {
    const { closed } = holder;
    const end = await this.#pool.turn();
    holder.endTurn = end;
    void closed.then(end);
    reply(holder, await this.#pool.describe(holder));
  }
}

function reply({ socket }: Holder, answer: Answer): void {
  if (socket.writable) send(socket, answer);
}
