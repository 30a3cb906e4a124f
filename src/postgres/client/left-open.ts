// Connections to Postgres that code of the user's keeps open in this process, the runner or a worker: a pool of a step, of
// `globalSetup`, of a test file's top level. They end with the database that they are connected to. Their clients get to
// know it, so that a pool connects anew; it goes no further: an 'error' that nobody listens to would end the process, and
// so does the listener in node-postgres' own example. No handler of the user's is touched, and nothing that we did not end.
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import type pg from 'pg';
import { inTime } from '../../wait.ts';

type Emit = (this: unknown, event: string | symbol, ...args: unknown[]) => boolean;

/** What is reported of a connection that was lost so: who opened it, if that is known. */
export type LossListener = (owner: string | undefined) => void;

const ours = new WeakSet<object>();
const owners = new WeakMap<Socket, string>();
const guarded = new WeakSet<Socket>();
const listeners = new Set<LossListener>();

/** Our own sessions are none of the user's. */
export function noteOurs(client: pg.Client): void {
  const connection: unknown = Reflect.get(client, 'connection');
  const stream: unknown = connection instanceof EventEmitter ? Reflect.get(connection, 'stream') : undefined;
  if (stream instanceof Socket) ours.add(stream);
}

/** Has `listener` hear of each lost connection; returns the function that ends it. */
export function onLoss(listener: LossListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The user's that are open to `port` now. */
export function openTo(
  port: number,
): { readonly address: string; readonly port: number; readonly localPort: number }[] {
  return connectionsTo(port).map(({ remoteAddress = '', localPort = 0 }) => ({
    address: remoteAddress,
    port,
    localPort,
  }));
}

/** Those that are open to `port` now, and nobody's yet, are `owner`'s. */
export function nameLeftOpen(port: number, owner: string): void {
  for (const socket of connectionsTo(port)) if (!owners.has(socket)) owners.set(socket, owner);
}

/**
 * From now on the loss of those that are open to `port` stays among their clients.
 * @returns resolves when all of them are closed, or `timeout` ms have passed
 */
export function guardLeftOpen(port: number): { closed: (timeout: number) => Promise<void> } {
  const sockets = connectionsTo(port);
  for (const socket of sockets) guard(socket);
  return { closed: (timeout) => allClosed(sockets, timeout) };
}

/** Node lists those that keep the process alive (not of a pool with `allowExitOnIdle`), and of TLS the socket beneath it only. */
function connectionsTo(port: number): Socket[] {
  const handles: unknown = Reflect.get(process, '_getActiveHandles')?.call(process);
  if (!Array.isArray(handles)) return [];
  return handles.filter((each) => each instanceof Socket && each.remotePort === port && !ours.has(each));
}

function guard(socket: Socket): void {
  if (guarded.has(socket)) return;
  guarded.add(socket);
  const emit: Emit = socket.emit;
  let isReported = false;
  const report = () => {
    // Its client says it twice: what the server said, then that the connection has ended.
    if (isReported) return;
    isReported = true;
    for (const listener of listeners) listener(owners.get(socket));
  };
  const guardedEmit: Emit = function (event, ...args) {
    return keepingLosses(() => Reflect.apply(emit, this, [event, ...args]), report);
  };
  Object.assign(socket, { emit: guardedEmit });
}

/** What a socket tells its client runs through all that listen at once: for that long losses are kept from the process. */
function keepingLosses(deliver: () => boolean, report: () => void): boolean {
  const { prototype } = EventEmitter;
  const { emit } = prototype;
  const keeping: Emit = function (event, ...args) {
    if (event !== 'error' || !isLoss(args[0])) return Reflect.apply(emit, this, [event, ...args]);
    report();
    // A pool names the client that it has removed; all others get the error where they listen.
    const isPool = args.length > 1;
    const isHeard = this instanceof EventEmitter && this.listenerCount('error') > 0;
    return isPool || !isHeard ? true : Reflect.apply(emit, this, [event, ...args]);
  };
  prototype.emit = keeping;
  try {
    return deliver();
  } finally {
    prototype.emit = emit;
  }
}

/** 57P01: ended by an administrator; the rest is how its end of file looks. */
function isLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return ['57P01', 'ECONNRESET', 'EPIPE'].includes(String(code)) || /^Connection terminated/.test(error.message);
}

async function allClosed(sockets: readonly Socket[], timeout: number): Promise<void> {
  const closing = sockets.filter(({ closed }) => !closed);
  const all = closing.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  await inTime(timeout, Promise.all(all));
}
