// What is known of a test's requests, in a real browser, by `request`, and by Node.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import type { StackInfo } from '../../lease/run-file.ts';
import { launch } from '../../testing/browser.ts';
import { requestsSince, watchRequests } from './requests-made.ts';

let servers: [Server, Server];
const originOf = (server: Server) => `http://localhost:${(server.address() as AddressInfo).port}`;
test.beforeEach(async () => {
  const [app, elsewhere] = [createServer(), createServer()];
  for (const server of [app, elsewhere]) {
    server.on('request', ({ url = '' }, response) => {
      if (url === '/cut') response.destroy();
      response.statusCode = url.startsWith('/broken') ? 500 : 200;
      response.setHeader('content-type', 'text/html').end('<link rel="icon" href="data:,">');
    });
    await once(server.listen(), 'listening');
  }
  servers = [app, elsewhere];
});
test.afterEach(() => {
  for (const server of servers) server.close().closeAllConnections();
});

test('requests of pages, of `request` and of `fetch` to the servers of the stack are known, without what they say', async ({
  playwright,
}) => {
  watchRequests(playwright);
  const [app, elsewhere] = servers.map(originOf) as [string, string];
  const stack = { servers: { web: app } } as Partial<StackInfo> as StackInfo;
  const browser = await launch();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${app}/before`);
  await expect.poll(() => requestsSince(0, stack)).toHaveLength(1);

  const since = Date.now() + 1;
  await expect.poll(() => Date.now()).toBeGreaterThan(since);
  await page.goto(`${app}/page?token=hunter2`);
  await page.goto(`${elsewhere}/page`);
  await page.goto(`${app}/cut`).catch(() => {});
  const request = await playwright.request.newContext({ baseURL: app });
  await request.post('/broken', { data: 'hunter2' });
  await fetch(`${app}/broken`).then((response) => response.text());
  const hasStatus = Number(process.versions.node.split('.')[0]) >= 22;
  const web = { server: 'web', at: expect.any(Number), ms: expect.any(Number) };
  await expect
    .poll(() => requestsSince(since, stack))
    .toEqual([
      { ...web, method: 'GET', path: '/page?…', status: 200, isPart: false },
      { ...web, method: 'GET', path: '/cut', error: expect.stringMatching(/^net::ERR/), isPart: false },
      { ...web, method: 'POST', path: '/broken', status: 500 },
      { ...web, method: 'fetch', path: '/broken', status: hasStatus ? 500 : undefined },
    ]);
  await request.dispose();
  await browser.close();
});

test('a request is a test’s also where the clock was set since the worker started', async ({ playwright }) => {
  watchRequests(playwright);
  const [app] = servers.map(originOf) as [string];
  const stack = { servers: { web: app } } as Partial<StackInfo> as StackInfo;
  const { now } = Date;
  Date.now = () => now() + 3_000;
  try {
    const since = Date.now();
    const request = await playwright.request.newContext({ baseURL: app });
    await request.get('/later');
    expect(requestsSince(since, stack)).toMatchObject([{ path: '/later' }]);
    await request.dispose();
  } finally {
    Date.now = now;
  }
});
