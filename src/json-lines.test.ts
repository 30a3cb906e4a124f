import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../fixtures/programs/programs.ts';
import { onMessage } from './json-lines.ts';

test('a line that is no message ends the connection and nothing else', async () => {
  const { folder, remove } = scratchFolder();
  const received: object[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onMessage<object>(socket, (message) => received.push(message));
  });
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  for (const line of ['{', 'null', '']) {
    const socket = connect(join(folder, 's'));
    socket.on('error', () => {});
    socket.write(`{"n":1}\n${line}\n{"n":2}\n`);
    await once(socket, 'close');
  }
  expect(received).toEqual([{ n: 1 }, { n: 1 }, { n: 1 }]);
  server.close();
  remove();
});

test('a message that is too long ends the connection, before its end has come', async () => {
  const { folder, remove } = scratchFolder();
  const received: object[] = [];
  const errors: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', ({ message }) => errors.push(message));
    onMessage<object>(socket, (message) => received.push(message), 1_000);
  });
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  for (const end of ['"}\n', '']) {
    const socket = connect(join(folder, 's'));
    socket.on('error', () => {});
    socket.write(`{"n":1}\n{"text":"${'x'.repeat(1_000)}${end}`);
    await once(socket, 'close');
  }
  expect(received).toEqual([{ n: 1 }, { n: 1 }]);
  expect(errors).toEqual(Array(2).fill('a message of more than 1000 characters'));
  server.close();
  remove();
});

test('messages arrive whole, in whatever pieces, and a very long one costs what it is long', async () => {
  const { folder, remove } = scratchFolder();
  const received: { n?: number; text?: string }[] = [];
  const server = createServer((socket) => onMessage<object>(socket, (message) => received.push(message)));
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  const socket: Socket = connect(join(folder, 's'));
  const text = 'é\n"'.repeat(2_000_000);
  const all = Buffer.from(`{"n":1}\n{"n":2}\n${JSON.stringify({ text })}\n{"n":3}\n`);
  socket.write(all.subarray(0, 11));
  await expect.poll(() => received.length).toBe(1);
  socket.write(all.subarray(11, 18));
  socket.end(all.subarray(18));
  await once(socket, 'close');
  await expect.poll(() => received.length, { timeout: 30_000 }).toBe(4);
  expect(received.map(({ n }) => n)).toEqual([1, 2, undefined, 3]);
  expect(received[2]?.text === text).toBe(true);
  server.close();
  remove();
});
