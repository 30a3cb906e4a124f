// The IDE's test explorer: one long test server, which is set up once and clicked again and again.
import { configText } from './harness/config-text.ts';
import { expect, type Running, test } from './harness/test.ts';
import { openTestServer } from './harness/test-server.ts';

test.use({ templates: 'shared' });

test('stacks stay warm from click to click, whatever each click asks for and also after one that is stopped; nothing is left when the IDE closes its socket', async ({
  project,
  start,
}) => {
  const files = {
    'playwright.config.ts': configText({
      config: `projects: [{ name: 'one' }, { name: 'two' }]`,
      // The config is read again for each click, with what our set-up has put into the environment.
      server: `{ command: 'node app.mjs', url: '/healthz', env: { ...process.env, RETRIES: 3, NONE: undefined } }`,
    }),
    'e2e/fails.spec.ts': `
      import { expect, test } from '@playwright/test';
      for (const n of [1, 2, 3]) test('fails ' + n, () => expect(n).toBe(0));
    `,
    'e2e/never.spec.ts': `
      import { test } from '@playwright/test';
      test('never ends', async ({ request }) => {
        test.setTimeout(0);
        await request.post('/items', { data: 'mine' });
        await new Promise(() => {});
      });
    `,
  };
  const server = await openTestServer(start, await project('mini', { files }), {
    env: { STACKS_BOARD: '1' },
    timeout: 240_000,
  });
  expect(await server.list()).toHaveLength(2 * (8 + 3 + 1));
  expect(server.running.events()).toEqual([]);

  expect(await server.setUp()).toEqual({ status: 'passed', errors: [] });
  const locations = ['a', 'b', 'c'].map((name) => `e2e/${name}.spec.ts`);
  const first = await server.click({ locations, projects: ['one'] });
  expect(first.tests.map(({ status }) => status)).toEqual(Array(6).fill('passed'));
  const opened = await whoIsThere(server.running);
  expect(Object.keys(opened)).toEqual(['0', '1']);
  const before = server.running.events().length;

  const more = await server.click({ locations, projects: ['one'], workers: 3 });
  expect(more.tests.filter(({ status }) => status === 'passed')).toHaveLength(6);
  const failed = await server.click({ locations: ['e2e/fails.spec.ts'], projects: ['one'], maxFailures: 1 });
  expect(failed.tests.map(({ status }) => status)).toEqual(['failed']);

  const seen = began(server.running);
  const stopped = server.click({ locations: ['e2e/never.spec.ts'], projects: ['one'] });
  await expect.poll(() => began(server.running), { timeout: 30_000 }).toBeGreaterThan(seen);
  await server.stopTests();
  expect((await stopped).tests.map(({ status }) => status)).toEqual(['interrupted']);
  const single = await server.click({ locations: ['e2e/b.spec.ts'], projects: ['two'], workers: 1 });
  expect(single.tests.map(({ project, status, errors }) => [project, status, errors])).toEqual(
    Array(2).fill(['two', 'passed', []]),
  );

  expect(await whoIsThere(server.running)).toMatchObject(opened);
  const later = server.running.events().slice(before);
  const leased = later.flatMap((event) => (event.type === 'leased' && event.slot < 2 ? [event.slot] : []));
  expect(leased.length).toBeGreaterThanOrEqual(4);
  expect(later.flatMap((event) => (event.type === 'stack-opened' ? [event.slot] : []))).toEqual([2]);

  const [[, board = ''] = [], ...others] = server.printed().matchAll(/^\[stacks\] board: (http:.*)$/gm);
  expect(others).toEqual([]);
  expect(await (await fetch(board)).text()).toContain('<title>playwright-stacks</title>');
  server.disconnect();
  await server.running.done;
});

test('app servers that nobody uses are stopped, and are back for the next click', { tag: '@matrix' }, async ({
  project,
  start,
}) => {
  const files = { 'playwright.config.ts': configText({ options: 'idleTimeout: 1_000,' }) };
  const server = await openTestServer(start, await project('mini', { files }));
  const { running } = server;
  await server.setUp();
  const locations = ['e2e/a.spec.ts'];
  expect((await server.click({ locations })).status).toBe('passed');
  const [url = ''] = running.events().flatMap((event) => (event.type === 'stack-opened' ? [event.url] : []));
  await expect.poll(() => running.events().at(-1)?.type).toBe('servers-stopped');
  await expect(fetch(url)).rejects.toThrow();
  expect((await server.click({ locations })).status).toBe('passed');
  const types = running.events().map(({ type }) => type);
  expect(types.filter((type) => type === 'stack-opened')).toHaveLength(1);
  expect(types).toContain('server-restarted');
  await server.close();
});

test('a second test server, for debugging, works beside the first', { tag: '@matrix' }, async ({ project, start }) => {
  const mini = await project('mini');
  const servers = [await openTestServer(start, mini), await openTestServer(start, mini)];
  await Promise.all(servers.map((server) => server.setUp()));
  const clicks = await Promise.all(servers.map((server) => server.click({ locations: ['e2e/a.spec.ts'] })));
  expect(clicks.map(({ status, tests }) => [status, tests.length])).toEqual(Array(2).fill(['passed', 2]));
  const [first = {}, second = {}] = await Promise.all(servers.map(({ running }) => whoIsThere(running)));
  expect(first[0]?.pid).not.toBe(second[0]?.pid);
  expect(first[0]?.database).not.toBe(second[0]?.database);
  await servers[1]?.close();
  expect((await servers[0]?.click({ locations: ['e2e/b.spec.ts'] }))?.status).toBe('passed');
  await servers[0]?.close();
});

test('a set-up that fails is one clear error, and is tried again at the next click', { tag: '@matrix' }, async ({
  project,
  start,
}) => {
  const mini = await project('mini', { files: { 'migrations/002_broken.sql': 'CREATE TABEL oops ();' } });
  const server = await openTestServer(start, mini);
  const { status, errors } = await server.setUp();
  expect(status).toBe('failed');
  expect(errors).toHaveLength(1);
  expect(errors[0]).toContain('COMMAND_FAILED: `database.migrate` exited with code 1');
  expect(errors[0]).toContain('syntax error at or near "TABEL"');
  await mini.write('migrations/002_broken.sql', 'CREATE TABLE mended ();');
  expect(await server.setUp()).toEqual({ status: 'passed', errors: [] });
  expect((await server.click({ locations: ['e2e/a.spec.ts'] })).status).toBe('passed');
  await server.close();
});

for (const end of ['is terminated', 'is killed'] as const) {
  test(`nothing is left when the IDE ${end}`, { tag: '@matrix' }, async ({ project, start }) => {
    const server = await openTestServer(start, await project('mini'));
    await server.setUp();
    expect((await server.click({ locations: ['e2e/a.spec.ts'] })).status).toBe('passed');
    server.running.kill(end === 'is killed' ? 'SIGKILL' : 'SIGTERM');
    await server.running.done;
  });
}

function began(running: Running): number {
  return running.events().filter(({ type }) => type === 'test-began').length;
}

interface Who {
  readonly pid: number;
  readonly database: string;
}

/** What answers on each slot's port now, by slot. */
async function whoIsThere(running: Running): Promise<Record<string, Who>> {
  const urls = new Map(
    running.events().flatMap((event) => (event.type === 'stack-opened' && event.url ? [[event.slot, event.url]] : [])),
  );
  const found = [...urls].map(async ([slot, url]): Promise<[number, Who]> => {
    const { pid, database } = (await (await fetch(`${url}/whoami`)).json()) as Who;
    return [slot, { pid, database }];
  });
  return Object.fromEntries(await Promise.all(found));
}
