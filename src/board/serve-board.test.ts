// The board's server: what it sends, to whom, and what a viewer that does not read costs.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from '@playwright/test';
import type { Listener, StacksEvent } from '../events.ts';
import { StateStore } from '../state/state-store.ts';
import type { BoardMessage } from './board-model.ts';
import { ModelStore } from './model-store.ts';
import { type Board, serveBoard } from './serve-board.ts';

const files = { script: 'export {};', style: 'body {}' };
let listen: Listener;
let board: Board;
/** Past `Events`, which takes its time to look for secrets in megabytes. */
const events = { emit: (event: StacksEvent) => listen({ at: 0, run: 'r', ...event }) };
const newStore = () => {
  const on = (listener: Listener) => {
    listen = listener;
    return () => {};
  };
  return new ModelStore(new StateStore({ on }));
};

test.beforeEach(async () => {
  board = await serveBoard(newStore(), { port: 0, files, lookInterval: 20 });
});
test.afterEach(() => board.close());

test('the printed address is the page, which loads nothing from elsewhere, and no cookie has the token', async () => {
  const page = await fetch(board.url);
  expect(page.status).toBe(200);
  expect(page.headers.get('set-cookie')).toBeNull();
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  expect(await page.text()).not.toMatch(/https?:|<script>|style=|(?:src|href)="\//);
  const script = await fetch(new URL('board.js', board.url));
  expect([script.headers.get('content-type'), await script.text()]).toEqual([
    'text/javascript; charset=utf-8',
    files.script,
  ]);
  expect((await fetch(board.url.slice(0, -1))).url).toBe(board.url);
});

test('what is not there is a 404, whatever its name', async () => {
  for (const name of ['nothing', '__proto__', 'constructor', 'toString', '%00']) {
    expect([name, (await fetch(new URL(name, board.url))).status]).toEqual([name, 404]);
  }
});

test('without the token nothing is sent', async () => {
  for (const path of ['/', '/board.js', '/events']) {
    expect([path, (await fetch(new URL(path, board.url))).status]).toEqual([path, 403]);
  }
  expect(new URL(board.url).hostname).toBe('127.0.0.1');
});

test('a late viewer gets the whole model, then each event once, then the end', async () => {
  events.emit({ type: 'built', ms: 1 });
  const messages = await follow();
  await expect.poll(() => messages.length).toBe(1);
  for (const ms of [2, 3]) events.emit({ type: 'built', ms });
  await expect.poll(() => messages.length).toBe(2);
  await board.close();
  await expect.poll(() => messages.length).toBe(3);
  expect(messages).toMatchObject([
    { type: 'model', model: { state: { setup: { build: 1 } }, timeline: { spans: 0 } } },
    { type: 'events', events: [{ ms: 2 }, { ms: 3 }] },
    { type: 'end' },
  ]);
});

test('a viewer that never reads costs a bounded part of memory; when it reads again, it has the latest', async () => {
  const socket = await deafViewer();
  const message = 'x'.repeat(1_500_000);
  const eager = await follow();
  await expect.poll(() => eager.length).toBe(1);
  for (let count = 1; count <= 14; count += 1) {
    events.emit({ type: 'run-broken', message: `${count} ${message}` });
    await expect.poll(() => eager.length, { intervals: [20] }).toBe(count + 1);
  }
  const chunks: string[] = [];
  socket.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  socket.resume();
  await expect.poll(() => chunks.some((chunk) => chunk.includes('"14 x'))).toBe(true);
  // 21 MB were sent to those who read.
  expect(socket.bytesRead).toBeLessThan(16_000_000);
  socket.destroy();
});

test('ten viewers, who are cut off and come back: each has the whole state, and then each event once', async () => {
  events.emit({ type: 'built', ms: 0 });
  const viewers = await Promise.all(Array.from({ length: 10 }, () => view()));
  for (let ms = 1; ms <= 20; ms += 1) {
    events.emit({ type: 'built', ms });
    if (ms % 4 !== 0) continue;
    const [cut] = viewers.splice(ms % viewers.length, 1);
    cut?.response.destroy();
    viewers.push(await view());
  }
  await expect.poll(() => viewers.map(({ messages }) => lastBuilt(messages))).toEqual(Array(10).fill(20));
  for (const { messages } of viewers) {
    const [first, ...more] = messages;
    const from = first?.type === 'model' ? (first.model.state.setup.build ?? 0) : Number.NaN;
    const heard = more.flatMap((message) => (message.type === 'events' ? message.events : []));
    expect(heard.map((event) => 'ms' in event && event.ms)).toEqual(
      Array.from({ length: 20 - from }, (_, index) => from + index + 1),
    );
  }
});

test('servers and databases are looked at only while somebody looks, and a look that fails ends nothing', async () => {
  let [looks, rests] = [0, 0];
  const stop = board.watch({
    look: async () => {
      looks += 1;
      if (looks === 2) throw new Error('busy');
      return { servers: [], databases: [] };
    },
    rest: async () => {
      rests += 1;
    },
  });
  await expect.poll(() => rests).toBe(1);
  expect(looks).toBe(0);
  const { messages, response } = await view();
  await expect.poll(() => messages.filter(({ type }) => type === 'facts').length).toBeGreaterThan(2);
  expect(rests).toBe(1);
  response.destroy();
  await expect.poll(() => rests).toBe(2);
  const before = looks;
  const again = await view();
  await expect.poll(() => again.messages.some(({ type }) => type === 'facts')).toBe(true);
  expect(looks).toBeGreaterThan(before);
  await stop();
  const atTheEnd = looks;
  expect(rests).toBe(3);
  const last = await view();
  await expect.poll(() => last.messages.length).toBe(1);
  expect(looks).toBe(atTheEnd);
});

test('a port that is taken is an error', async () => {
  const port = Number(new URL(board.url).port);
  await expect(serveBoard(newStore(), { port, files })).rejects.toThrow(/EADDRINUSE/);
});

/** The messages that a page would get. */
async function follow(): Promise<BoardMessage[]> {
  return (await view()).messages;
}

async function view() {
  const messages: BoardMessage[] = [];
  const sent = request(new URL('events', board.url)).end();
  const [response] = await once(sent, 'response');
  let rest = '';
  response.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n\n');
    rest = parts.pop() ?? '';
    for (const part of parts) messages.push(JSON.parse(part.replace(/^data: /, '')));
  });
  return { messages, response: response as IncomingMessage };
}

/** What a page shows that has read them. */
function lastBuilt(messages: readonly BoardMessage[]): number | undefined {
  return messages.reduce<number | undefined>((before, message) => {
    if (message.type === 'model') return message.model.state.setup.build;
    const [last] = message.type === 'events' ? message.events.slice(-1) : [];
    return last?.type === 'built' ? last.ms : before;
  }, undefined);
}

async function deafViewer(): Promise<Socket> {
  const { port, host, pathname } = new URL(board.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${pathname}events HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return socket;
}
