// The lock service of one user on one machine: a process that lives as long as anybody is connected. What a connection
// holds is free when it closes, however its process ended.
import { createServer, type Server, type Socket } from 'node:net';
import { onMessage, sendMessage } from '../json-lines.ts';
import { type LockRequest, LockTable } from './lock-table.ts';
import type { LockCommand, LockReply } from './wire.ts';

/** Milliseconds that the first connection may take: whoever started the service may have ended. */
const FIRST_CONNECTION_TIMEOUT_MS = 3_000;

/** Listens on `path`. Resolves with a promise of its end: nobody is connected any more, and the socket is closed. */
export async function serveLocks(path: string): Promise<{ readonly ended: Promise<void> }> {
  const locks = new LockTable();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    clearTimeout(unused);
    sockets.add(socket);
    serve(socket, locks, String(++connections));
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) server.close();
    });
  });
  let connections = 0;
  const unused = setTimeout(() => server.close(), FIRST_CONNECTION_TIMEOUT_MS);
  await listen(server, path);
  return { ended: new Promise((resolve) => server.once('close', resolve)) };
}

function serve(socket: Socket, locks: LockTable, connection: string): void {
  const owners = new Set<string>();
  socket.on('error', () => {}); // 'close' follows
  socket.once('close', () => {
    for (const owner of owners) locks.releaseAll(owner);
  });
  const reply = (message: LockReply) => sendMessage(socket, message);
  onMessage<LockCommand>(socket, (command) => {
    const owner = `${connection}:${command.owner}`;
    if (command.type === 'release') locks.release(owner, command.name);
    else if (command.type === 'release-all') locks.releaseAll(owner);
    else {
      owners.add(owner);
      ask(locks, { ...command, owner }, reply);
    }
    if (command.type === 'release-all') owners.delete(owner);
  });
  reply({ type: 'hello' });
}

function ask(locks: LockTable, command: Extract<LockCommand, { type: 'ask' }>, reply: (message: LockReply) => void) {
  const { id, owner, info, name, mode, timeout } = command;
  let timer: NodeJS.Timeout | undefined;
  const request: LockRequest = {
    ...{ owner: { id: owner, info }, name, mode, since: Date.now() },
    grant: () => {
      clearTimeout(timer);
      reply({ type: 'granted', id });
    },
    // It would keep the service's process when nobody is connected, and the next one from its beginning.
    drop: () => clearTimeout(timer),
  };
  const asked = locks.ask(request);
  if (asked.type === 'deadlock') reply({ type: 'deadlock', id, circle: asked.circle });
  if (asked.type !== 'waits') return;
  timer = setTimeout(() => {
    const blocking = locks.blocking(request);
    if (locks.cancel(request)) reply({ type: 'timed-out', id, blocking });
  }, timeout);
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
