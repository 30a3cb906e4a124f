import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { isLocal, type Probe, probePort, probeUrl } from './probe.ts';

const options = { ignoreHTTPSErrors: false, signal: new AbortController().signal };

/** What `work` says of a server with these answers. */
async function serving<T>(listener: RequestListener, host: string, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer(listener).listen(0, host);
  await once(server, 'listening');
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function probing(path: string, status: (url: string) => number, headers: Record<string, string> = {}): Promise<Probe> {
  return serving(
    (request, response) => response.writeHead(status(request.url ?? ''), headers).end(),
    '127.0.0.1',
    (port) => probeUrl(new URL(path, `http://127.0.0.1:${port}`), options),
  );
}

for (const status of [200, 204, 304, 400, 403]) {
  test(`status ${status} is ready`, async () => {
    expect(await probing('/x', () => status)).toEqual({ available: true, seen: `HTTP ${status}` });
  });
}

for (const status of [404, 500, 503]) {
  test(`status ${status} is not ready`, async () => {
    expect(await probing('/x', () => status)).toEqual({ available: false, seen: `HTTP ${status}` });
  });
}

test('where / is not found, /index.html is tried; for another path it is not', async () => {
  const status = (url: string): number => (url === '/index.html' ? 200 : 404);
  expect((await probing('/', status)).available).toBe(true);
  expect((await probing('/x', status)).available).toBe(false);
});

test('a redirect is followed, and what it leads to counts', async () => {
  const headers = { location: '/there' };
  expect(await probing('/x', (url) => (url === '/there' ? 503 : 302), headers)).toMatchObject({ seen: 'HTTP 503' });
  expect(await probing('/x', (url) => (url === '/there' ? 200 : 302), headers)).toMatchObject({ seen: 'HTTP 200' });
});

test('a redirect without end is not ready', async () => {
  expect((await probing('/x', () => 302, { location: '/x' })).available).toBe(false);
});

test('localhost is found on IPv4', async () => {
  const seen = await serving(
    (_, response) => response.end(),
    '127.0.0.1',
    async (port) => [await probeUrl(new URL(`http://localhost:${port}/`), options), await probePort(port)],
  );
  expect(seen.map(({ available }) => available)).toEqual([true, true]);
});

test('localhost is found on IPv6', async () => {
  const seen = await serving(
    (_, response) => response.end(),
    '::1',
    async (port) => [await probeUrl(new URL(`http://localhost:${port}/`), options), await probePort(port)],
  );
  expect(seen.map(({ available }) => available)).toEqual([true, true]);
});

test('a port where nobody listens refuses the connection', async () => {
  const free = await serving(
    () => {},
    '127.0.0.1',
    async (port) => port,
  );
  expect(await probePort(free)).toMatchObject({ available: false, seen: 'connection refused' });
  expect(await probeUrl(new URL(`http://localhost:${free}/`), options)).toMatchObject({ seen: 'connection refused' });
});

test('an answer whose body never ends is an answer', async () => {
  const seen = await serving(
    (_, response) => response.writeHead(200).write('data: 1\n\n'),
    '127.0.0.1',
    (port) => probeUrl(new URL(`http://127.0.0.1:${port}/events`), options),
  );
  expect(seen.available).toBe(true);
});

test('this machine is known by its names', () => {
  const hosts = ['localhost', 'app.localhost', '127.0.0.1', '127.1.2.3', '[::1]', '[::]', '0.0.0.0'];
  expect(hosts.filter((host) => !isLocal(host))).toEqual([]);
  expect(['example.com', 'localhost.example.com', '192.168.0.1', '[fe80::1]'].filter(isLocal)).toEqual([]);
});
