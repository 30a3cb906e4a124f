// The way of one server process to Postgres, on a port of its own. Held, it takes connections and goes no further, so that
// the process waits at its first one; open, it leads to Postgres; cut, it is shut for good, and what had gone through it has
// ended in Postgres as well: a backend closes its socket by exiting.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { poll } from '../wait.ts';
import { type Joined, joinSockets } from './join-sockets.ts';
import { keepWaiting } from './waiting.ts';

/** Connections that wait at a held gate; more are refused. */
const MOST_WAITING = 512;
/** How often another port is asked for. */
const MOST_ASKED = 100;

/** Ports that gates have had: what outlives its generation may go on to connect to its gate, and is to find no other there. */
const had = new Set<number>();

export interface GateTarget {
  readonly host: string;
  readonly port: number;
}

/** A connection that went through. */
export interface GateSession {
  /** The port from which it came. */
  readonly taken: number;
  /** The port by which Postgres knows it, and Postgres's address. */
  readonly toPostgres: number;
  readonly address: string;
}

/** A connection of the process, and ours to Postgres for it. */
interface Through {
  readonly client: Socket;
  readonly clientPort: number;
  readonly upstream: Socket;
  readonly joined: Joined;
}

export class Gate {
  readonly #target: GateTarget;
  readonly #server: Server;
  #state: 'held' | 'open' | 'cut';
  /** With what makes them readable again. */
  readonly #waiting = new Map<Socket, () => void>();
  readonly #through = new Set<Through>();
  readonly #onWaiting: () => void;

  private constructor(target: GateTarget, state: 'held' | 'open', onWaiting: () => void) {
    this.#target = target;
    this.#state = state;
    this.#onWaiting = onWaiting;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => this.#take(client));
  }

  /** @param onWaiting called when the first connection waits */
  static async listen(target: GateTarget, state: 'held' | 'open', onWaiting: () => void = () => {}): Promise<Gate> {
    for (let asked = 1; ; asked++) {
      const gate = new Gate(target, state, onWaiting);
      await new Promise<void>((resolve, reject) => {
        gate.#server.once('error', reject);
        gate.#server.listen(0, '127.0.0.1', resolve);
      });
      // After as many gates as a system has ports one is better than none.
      if (had.has(gate.port) && asked < MOST_ASKED) gate.close();
      else {
        had.add(gate.port);
        return gate;
      }
    }
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  get sessions(): readonly GateSession[] {
    return [...this.#through].map(({ clientPort: taken, upstream }) => {
      return { taken, toPostgres: upstream.localPort ?? 0, address: upstream.remoteAddress ?? '' };
    });
  }

  open(): void {
    if (this.#state !== 'held') return;
    this.#state = 'open';
    for (const [client, take] of this.#waiting) {
      take();
      this.#lead(client);
    }
    this.#waiting.clear();
  }

  /**
   * Nothing goes through any more; returns, after at most `timeout` milliseconds, the ports of the sessions that have not ended
   * yet: none, when all has come to its end.
   */
  async cut(timeout: number): Promise<readonly number[]> {
    if (this.#state !== 'cut') this.#shut();
    const isDone = () => (this.#through.size === 0 ? true : undefined);
    await poll(isDone, { timeout, interval: 1 });
    return this.sessions.map(({ toPostgres }) => toPostgres);
  }

  /** Lets go of everything, whatever state it is in. */
  close(): void {
    if (this.#state !== 'cut') this.#shut();
    this.#server.close();
    for (const { upstream } of this.#through) upstream.destroy();
  }

  #shut(): void {
    // It still listens: the port is nobody else's as long as a process may connect to it.
    this.#state = 'cut';
    for (const client of this.#waiting.keys()) client.destroy();
    this.#waiting.clear();
    for (const { client, upstream, joined } of this.#through) {
      joined.part();
      client.destroy();
      upstream.resume(); // its end is what is waited for
      upstream.end();
    }
  }

  #take(client: Socket): void {
    client.on('error', () => {}); // 'close' follows
    if (this.#state === 'open') this.#lead(client);
    else if (this.#state === 'cut' || this.#waiting.size === MOST_WAITING) client.destroy();
    else this.#keepWaiting(client);
  }

  #keepWaiting(client: Socket): void {
    this.#waiting.set(client, keepWaiting(client));
    client.once('close', () => this.#waiting.delete(client));
    if (this.#waiting.size === 1) this.#onWaiting();
  }

  #lead(client: Socket): void {
    if (client.destroyed) return;
    const upstream = connect({ ...this.#target, allowHalfOpen: true });
    upstream.on('error', () => {}); // 'close' follows, and the client's
    const { remotePort: clientPort = 0 } = client;
    const through = { client, clientPort, upstream, joined: joinSockets(client, upstream) };
    this.#through.add(through);
    upstream.once('close', () => this.#through.delete(through));
  }
}
