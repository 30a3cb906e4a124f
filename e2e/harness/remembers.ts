// The application that remembers (fixtures/remembers), and the tests that show it: of each way to remember one makes something,
// and the next one finds that it is gone.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ConfigText, miniDatabase } from './config-text.ts';
import { root } from './home.ts';

const fixture = (name: string) => readFileSync(path.join(root, 'fixtures/remembers', name), 'utf8');

/** Over fixtures/mini. */
export const remembers: Readonly<Record<string, string>> = {
  'app.mjs': fixture('app.mjs'),
  'migrations/002_remembers.sql': fixture('schema.sql'),
};

/** The options of docs/what-your-app-remembers.md against all of them. */
export function documentedOptions(): ConfigText {
  const page = readFileSync(path.join(root, 'docs/what-your-app-remembers.md'), 'utf8');
  const [, options = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  const [, server = '', database = ''] = /^server: (.*?^\}),\ndatabase: \{ (.*?) \}/ms.exec(options) ?? [];
  return { server, database: `${miniDatabase}, ${database}` };
}

export const WAYS = `
  import { expect, test } from '@playwright/test';
  const ways = (request) => {
    const get = async (path) => (await request.get(path)).json();
    const post = async (path, data) => expect((await request.post(path, { data })).status()).toBe(200);
    const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    return {
      'a permission in a cache': [
        async () => { await post('/admins', 'ada'); expect(await get('/allowed?ada')).toBe(true); },
        async () => expect(await get('/allowed?ada')).toBe(false),
      ],
      'a session': [() => post('/login', 'ada'), async () => expect(await get('/me')).toBe(null)],
      'a search index': [() => post('/notes', 'index'), async () => expect(await get('/found?index')).toBe(false)],
      'the messages of a hub': [
        async () => {
          await post('/notes', 'hub');
          await expect.poll(() => get('/history')).toContain('hub');
        },
        async () => expect(await get('/history')).toEqual([]),
      ],
      'the highest id': [
        async () => { await post('/notes', 'one'); expect(await get('/feed')).toContain('one'); },
        async () => { await post('/notes', 'two'); expect(await get('/feed')).toContain('two'); },
      ],
      'a job': [() => post('/jobs', 'j'), async () => { await later(1500); expect(await get('/log')).toEqual([]); }],
      'a buffer': [() => post('/metrics', 'm'), async () => { await later(1500); expect(await get('/log')).toEqual([]); }],
      'a file': [() => post('/files', 'f'), async () => expect(await get('/files')).toEqual([])],
      'a prepared statement': [
        async () => { await get('/notes'); await post('/columns'); },
        async () => expect((await request.get('/notes')).status()).toBe(200),
      ],
    };
  };
  for (const way of Object.keys(ways())) {
    test(way + ' is made', ({ request }) => ways(request)[way][0]());
    test(way + ' is gone', ({ request }) => ways(request)[way][1]());
  }`;

/** More of them, where the application also polls, all the time: late writers, a queue, websockets, a cache that nothing clears. */
export const MORE_WAYS = `
  import { connect } from 'node:net';
  import { expect, test } from '@playwright/test';
  /** What a websocket is sent first. */
  const messages = (baseURL) => new Promise((resolve, reject) => {
    const { port } = new URL(baseURL);
    const socket = connect(Number(port), 'localhost', () => socket.write(
      'GET /hub HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Key: eA==\\r\\n\\r\\n',
    ));
    const received = [];
    socket.on('data', (bytes) => received.push(bytes.toString('latin1'))).on('error', reject);
    setTimeout(() => {
      socket.destroy();
      resolve(received.join('').replace(/^.*?\\r\\n\\r\\n/s, ''));
    }, 150);
  });
  const ways = ({ request, baseURL }) => {
    const get = async (path) => (await request.get(path)).json();
    const post = async (path, data) => expect((await request.post(path, { data })).status()).toBe(200);
    const staysEmpty = async (ms) => {
      for (const until = Date.now() + ms; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 10))) {
        expect(await get('/log')).toEqual([]);
      }
    };
    const late = (ms) => [() => post('/late?' + ms, 'a row'), () => staysEmpty(ms + 100)];
    return {
      'a row 5 ms late': late(5),
      'a row 30 ms late': late(30),
      'a row 100 ms late': late(100),
      'a row 300 ms late': late(300),
      'the highest id, polled': [
        async () => { await post('/notes', 'one'); await expect.poll(() => get('/polled')).toContain('one'); },
        async () => { await post('/notes', 'two'); await expect.poll(() => get('/polled')).toContain('two'); },
      ],
      'a queued job': [() => post('/queue', 'q'), () => staysEmpty(400)],
      'a message of a websocket': [
        async () => { await post('/notes', 'ws'); await expect.poll(() => messages(baseURL)).toContain('ws'); },
        async () => expect(await messages(baseURL)).toBe(''),
      ],
      'a role in a cache that nothing clears': [
        async () => { await post('/admins', 'bob'); expect(await get('/role?bob')).toBe(true); },
        async () => expect(await get('/role?bob')).toBe(false),
      ],
    };
  };
  for (const way of Object.keys(ways({}))) {
    test(way + ' is made', ({ request, baseURL }) => ways({ request, baseURL })[way][0]());
    test(way + ' is gone', ({ request, baseURL }) => ways({ request, baseURL })[way][1]());
  }`;
