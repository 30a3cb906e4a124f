// A slot's public port: it is the same for the whole run, and leads to the server process that is the slot's at the moment.
// Between two of them connections wait.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { inTime, poll } from '../wait.ts';
import { HttpExchange } from './http-exchange.ts';
import { type Joined, joinSockets } from './join-sockets.ts';
import { keepWaiting } from './waiting.ts';

/** Connections that wait for a server; more are refused. */
const MOST_WAITING = 1_024;
/** Milliseconds that they do, at most. */
const WAIT_TIMEOUT_MS = 60_000;
/** Milliseconds that clients get to see that their connections have ended, before there is another server. */
const SEEN_TIMEOUT_MS = 50;
/** And until their ends of them are closed, too. */
const CLOSE_TIMEOUT_MS = 1_000;
/** What browsers call localhost. */
const LOOPBACK = ['127.0.0.1', '::1'] as const;

interface Through {
  readonly client: Socket;
  readonly server: Socket;
  readonly joined: Joined;
  readonly exchange: HttpExchange;
}

export class Forwarder {
  readonly #listeners: readonly Server[];
  /** Undefined: connections wait. */
  #target: { readonly port: number; readonly host: string } | undefined;
  /** With what makes them readable again. */
  readonly #waiting = new Map<Socket, () => void>();
  readonly #through = new Set<Through>();

  private constructor(listeners: readonly Server[]) {
    this.#listeners = listeners;
    for (const listener of listeners) listener.on('connection', (client: Socket) => this.#take(client));
  }

  /** Rejects where `port` is taken. A machine without IPv6 has no `::1`. */
  static async listen(port: number): Promise<Forwarder> {
    const all = await Promise.allSettled(LOOPBACK.map((host) => listenOn(host, port)));
    const listeners = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const failed = all.find((each) => each.status === 'rejected' && !isWithoutIPv6(each.reason));
    if (failed?.status === 'rejected' || listeners.length === 0) {
      for (const listener of listeners) listener.close();
      throw failed?.status === 'rejected' ? failed.reason : new Error('this machine has no loopback interface');
    }
    return new Forwarder(listeners);
  }

  /** New connections, and those that wait, go to the server on `port` from now on. */
  async lead(port: number): Promise<void> {
    const hosts = await Promise.all(LOOPBACK.map(async (host) => ((await answers(host, port)) ? [host] : [])));
    this.#target = { port, host: hosts.flat()[0] ?? LOOPBACK[0] };
    for (const [client, take] of this.#waiting) {
      take();
      this.#lead(client);
    }
    this.#waiting.clear();
  }

  /** New connections wait. Those that are there end when their requests are answered, or after `timeout` milliseconds. */
  async hold(timeout: number): Promise<void> {
    this.#target = undefined;
    const isQuiet = () => ([...this.#through].some(({ exchange }) => exchange.isUnderWay) ? undefined : true);
    await poll(isQuiet, { timeout, interval: 2 });
    const ended = [...this.#through].map(({ client, server, joined }) => {
      joined.part();
      server.destroy();
      return endPolitely(client);
    });
    this.#through.clear();
    await inTime(SEEN_TIMEOUT_MS, Promise.all(ended)); // else a client sends its next request on one of them
  }

  /** That have a server. */
  get connections(): number {
    return this.#through.size;
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    for (const client of this.#waiting.keys()) client.destroy();
    for (const { client, server } of this.#through) {
      client.destroy();
      server.destroy();
    }
  }

  #take(client: Socket): void {
    client.on('error', () => {}); // 'close' follows
    if (this.#target) this.#lead(client);
    else if (this.#waiting.size === MOST_WAITING) client.destroy();
    else {
      this.#waiting.set(client, keepWaiting(client));
      client.setTimeout(WAIT_TIMEOUT_MS, () => this.#waiting.has(client) && client.destroy());
      client.once('close', () => this.#waiting.delete(client));
    }
  }

  #lead(client: Socket): void {
    if (client.destroyed || !this.#target) return;
    client.setTimeout(0);
    const server = connect({ ...this.#target, allowHalfOpen: true });
    server.on('error', () => {}); // 'close' follows, and the client's
    const exchange = new HttpExchange();
    const through: Through = { client, server, exchange, joined: joinSockets(client, server) };
    this.#through.add(through);
    client.on('data', (bytes: Buffer) => exchange.asks(bytes));
    server.on('data', (bytes: Buffer) => exchange.answers(bytes));
    server.once('close', () => this.#through.delete(through));
  }
}

function listenOn(host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const listener = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    listener.once('error', reject);
    listener.listen({ host, port, ipv6Only: true }, () => resolve(listener));
  });
}

function isWithoutIPv6(error: unknown): boolean {
  return /EADDRNOTAVAIL|EAFNOSUPPORT/.test(String((error as NodeJS.ErrnoException).code));
}

/** What was received from the server is still sent. Settles when the client has closed its end. */
function endPolitely(client: Socket): Promise<void> {
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  if (client.destroyed) return Promise.resolve();
  client.resume();
  client.end();
  const timer = setTimeout(() => client.destroy(), CLOSE_TIMEOUT_MS).unref();
  client.once('close', () => clearTimeout(timer));
  client.once('end', () => client.destroySoon());
  return closed;
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
