// `server.spares`: a new process of each server for every test, started while the one before runs.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('with spares every test has new servers on the same URLs, also where a file ends and after a fresh clone', async ({
  project,
  run,
}) => {
  const server = (name: string, greeting: string) => `{
    name: '${name}', command: 'node app.mjs', url: '/healthz', restart: 'test', spares: 1,
    env: { GREETING: '${greeting}' }, beside: '[ "{port} ${greeting}" = "$PORT $GREETING" ]',
  }`;
  const body = `
    const { url } = stack;
    const web = await (await request.get('/whoami')).json();
    const api = await (await request.get(stack.server('api').url + '/whoami')).json();
    expect(await (await request.post('/count')).json()).toEqual({ count: 1 });
    expect(await (await worker.post(url + '/count')).json()).toEqual({ count: 2 }); // over a connection that is kept
    expect([web.key, api.key]).toEqual([stack.key, stack.key]);
    // Its own port and the one that browsers open; of another server the process of the same generation.
    expect(web.greeting).toBe(url + ' ' + api.port);
    expect(api.greeting).toBe(web.port + ' ' + stack.server('api').url);
    expect(url).not.toContain(web.port);
    expect(await (await request.get('/items')).json()).toHaveLength(1);
    await request.post('/items', { data: 'mine' });
    expect((await db.changes()).length).toBe(1);
    await request.post('/late?ms=300', { data: 'late', timeout: 50 }).catch(() => {});`;
  const spec = (title: string, rest = '') => `
    import { expect as base, test as ours } from 'playwright-stacks';
    const expect = base;
    const test = ours.extend({
      worker: [async ({ playwright }, use) => use(await playwright.request.newContext()), { scope: 'worker' }],
    });
    for (const n of [1, 2]) test('${title} ' + n, async ({ request, stack, db, worker }) => {${body}
      ${rest}
    });`;
  const files = {
    'playwright.config.ts': configText({
      server: `[${server('web', '{url} {port:api}')}, ${server('api', '{port:web} {url}')}]`,
    }),
    ...only(spec('one', `if (n === 1) await db.query('ALTER TABLE items ADD more int');`)),
    'e2e/b.spec.ts': spec('two'),
  };
  const mini = await project('mini', { files });
  const { output, events, exitCode } = await run(mini, ['--workers=1']);
  expect(output).toContain('4 passed');
  expect(exitCode).toBe(0);
  const started = events.flatMap((event) =>
    event.type === 'server-restarted' && event.server === 'web' ? [event] : [],
  );
  // Two boundaries: the third is a fresh clone's.
  expect(started).toHaveLength(2);
  const generations = started.map(({ generation = 0 }) => generation);
  expect(generations.every((each, index) => each > (generations[index - 1] ?? 1))).toBe(true);
  expect(events.filter(({ type }) => type === 'rewind-impossible')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'database-used')).toHaveLength(2);
  for (const wrong of ['no-spares', 'server-exited', 'late-writes', 'reaped', 'beside-failed']) {
    expect(events.filter(({ type }) => type === wrong)).toEqual([]);
  }
  const log = await mini.read('test-results/stacks/slot-0-web.log');
  expect(log.match(/^---- generation \d+, which began at /gm)).toHaveLength(3);
});

test('what a spare wrote that ended on the databases is undone, and fails nobody’s test', async ({ project, run }) => {
  const boots = `
    import { appendFileSync, mkdirSync, statSync } from 'node:fs';
    import pg from 'pg';
    mkdirSync('test-results', { recursive: true });
    appendFileSync('test-results/boots', '.');
    const boot = statSync('test-results/boots').size;
    const client = new pg.Client(process.env.DATABASE_URL);
    await client.connect();
    await client.query("INSERT INTO items (name) VALUES ('boot ' || $1)", [boot]);
    if (boot === 2) process.exit(7);
    await client.end();
    await import('./app.mjs');`;
  const spec = `
    import { expect, test } from 'playwright-stacks';
    for (const n of [1, 2, 3]) test('test ' + n, async ({ db }) => {
      const { rows } = await db.query("SELECT name FROM items WHERE name LIKE 'boot%' ORDER BY id");
      // The first is there at the opening; each other one is its test's own.
      expect(rows.map(({ name }) => name)).toEqual(['boot 1', ...(n > 1 ? ['boot ' + (n + 1)] : [])]);
    });`;
  const server = `{ command: 'node boots.mjs', url: '/healthz', restart: 'test', spares: 1 }`;
  const files = { 'boots.mjs': boots, ...only(spec), 'playwright.config.ts': configText({ server }) };
  const { output, events, exitCode } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('3 passed');
  expect(exitCode).toBe(0);
  for (const wrong of ['no-spares', 'server-exited', 'late-writes']) {
    expect(events.filter(({ type }) => type === wrong)).toEqual([]);
  }
});
