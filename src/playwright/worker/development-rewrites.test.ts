// What a test gives to `goto`, `request` and `newContext`, in a real browser, with a server in the place of the
// developer's and one in that of the slot's.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '@playwright/test';
import { findBrowser } from '../../../fixtures/browser.mjs';
import type { StackInfo } from '../../lease/run-file.ts';
import { changeContextOptions } from './context-options.ts';
import { onSlot, rewriteURLs } from './development-rewrites.ts';

async function serve(name: string) {
  const server = createServer((request, response) => response.end(`${name} ${request.url}`)).listen(0, 'localhost');
  await once(server, 'listening');
  const address = server.address();
  return { origin: `http://localhost:${typeof address === 'object' ? address?.port : 0}`, server };
}

test('a URL of the development server leads to the slot’s server: its page, its requests, its contexts', async ({
  playwright,
}) => {
  const [developer, slot] = await Promise.all(['developer', 'slot'].map(serve));
  if (!developer || !slot) throw new Error('not served');
  const stack = { slot: 0, url: slot.origin, servers: { web: slot.origin } } as unknown as StackInfo;
  const { port } = new URL(developer.origin);
  const rewriting = {
    servers: [{ name: 'web', command: 'node app.mjs', url: `${developer.origin}/healthz` }],
    developmentPorts: [port],
  };
  rewriteURLs(playwright, () => stack, rewriting);
  changeContextOptions(playwright, ({ baseURL, ...options }) => {
    return { ...options, ...(baseURL ? { baseURL: onSlot(String(baseURL), stack, rewriting) } : {}) };
  });

  const found = findBrowser();
  const executablePath = found?.kind === 'system' ? { executablePath: found.path, args: ['--no-sandbox'] } : {};
  const browser = await playwright.chromium.launch(executablePath);
  const context = await browser.newContext({ baseURL: `${developer.origin}/base/` });
  const page = await context.newPage();
  const shown = async (url: string) => (await page.goto(url))?.text();
  expect(await shown(`${developer.origin}/path?query#hash`)).toBe('slot /path?query');
  expect(page.url()).toBe(`${slot.origin}/path?query#hash`);
  expect(await shown('relative')).toBe('slot /base/relative');
  expect(await (await page.request.get(`http://127.0.0.1:${port}/get`)).text()).toBe('slot /get');
  await browser.close();

  const request = await playwright.request.newContext({ baseURL: developer.origin });
  expect(await (await request.post('/post')).text()).toBe('slot /post');
  expect(await (await request.fetch(`${developer.origin}/fetch`)).text()).toBe('slot /fetch');
  // Another server of this machine is nobody's.
  const other = await serve('other');
  expect(await (await request.get(`${other.origin}/path`)).text()).toBe('other /path');
  await request.dispose();
  for (const { server } of [developer, slot, other]) server.close();
});
