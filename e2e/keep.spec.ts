// `keep`: what tests leave in their databases, set aside and looked at later.
import pg from 'pg';
import { type Cli, test } from './harness/cli.ts';
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect, type Project } from './harness/test.ts';

test.use({ templates: 'shared' });

const spec = only(`
  import { expect, test } from '@playwright/test';
  const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);

  test.beforeAll(async ({ playwright }) => {
    const request = await playwright.request.newContext({ baseURL: process.env.PLAYWRIGHT_TEST_BASE_URL });
    await request.post('/items', { data: 'of beforeAll' });
  });
  test('fails', async ({ request }) => {
    await request.post('/items', { data: 'left' });
    expect(await names(request)).toEqual([]);
  });
  test('begins anew', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'of beforeAll']));
  test.afterEach(({ request }) => request.post('/items', { data: 'of afterEach' }));
  test.afterAll(async ({ playwright }) => {
    const request = await playwright.request.newContext({ baseURL: process.env.PLAYWRIGHT_TEST_BASE_URL });
    console.log('afterAll: ' + (await names(request)).join());
  });
`);
const left = ['seeded', 'of beforeAll', 'left', 'of afterEach'];

/** A command's output; its exit code is 0. */
async function call(cli: Cli, { folder }: Project, args: readonly string[], env: Record<string, string> = {}) {
  const child = await cli(args, { cwd: folder, env });
  const { exitCode } = await child.exit;
  expect(child.stderr()).toBe('');
  expect(exitCode).toBe(0);
  return child.stdout();
}

async function namesIn(connectionString: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query('SELECT name FROM items ORDER BY id')).rows.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

test('a failed test’s database is there when the run has ended; the tests after it begin as ever', async ({
  project,
  run,
  cli,
}) => {
  const text = configText({ options: `keep: 'on-failure'` });
  const mini = await project('mini', { files: { ...spec, 'playwright.config.ts': text } });
  const { output, events, report } = await run(mini, ['--workers=1'], { report: 'json' });
  expect(output).toContain('1 failed');
  expect(output).toContain('1 passed');
  expect(output.match(/afterAll: .*/g)).toEqual(Array(2).fill('afterAll: seeded,of beforeAll'));
  const kept = events.flatMap((event) => (event.type === 'kept' ? [event] : []));
  expect(kept).toEqual([
    expect.objectContaining({
      test: expect.objectContaining({ title: 'fails' }),
      slot: 0,
      name: expect.stringMatching(/^stk_kept_\w{10}_1$/),
    }),
  ]);
  const { name = '' } = kept[0] ?? {};
  const how = `\`npx playwright-stacks psql ${name}\`; the application on it: \`npx playwright-stacks dev --kept ${name}\``;
  expect(output).toContain(`[stacks] kept what 'fails' left: ${how}`);
  expect(JSON.stringify(report)).toContain(`the database was kept: ${how}`);

  const { kept: listed } = JSON.parse(await call(cli, mini, ['status', '--json']));
  expect(listed).toEqual([expect.objectContaining({ name, test: 'fails', file: 'a.spec.ts', root: mini.folder })]);
  expect(await call(cli, mini, ['status'])).toMatch(
    new RegExp(`${name} +\\d+\\.\\d MB +\\d+ s +/.+ +a.spec.ts: fails\n`),
  );

  const psql = await cli(['psql', name], { cwd: mini.folder });
  await expect.poll(() => psql.output(), { timeout: 20_000 }).toContain('until you press Ctrl-C');
  expect(await namesIn(psql.stdout().trim())).toEqual(left);
  process.kill(psql.pid, 'SIGINT');
  expect((await psql.exit).exitCode).toBe(0);

  const dev = await cli(['dev', '--kept', name], { cwd: mini.folder });
  await expect.poll(() => dev.output(), { timeout: 20_000 }).toContain('Ctrl-C ends it.');
  const items = await fetch(`${/web +(http:\S+)/.exec(dev.output())?.[1]}/items`);
  expect(((await items.json()) as { name: string }[]).map((item) => item.name)).toEqual(left);
  process.kill(-dev.pid, 'SIGINT');
  expect((await dev.exit).exitCode).toBe(0);

  expect(await call(cli, mini, ['clean'])).toContain(`removed ${name}, kept of 'fails'\n`);
  expect(await call(cli, mini, ['status'])).not.toContain(name);
});

test('on an existing server it stays through later runs until it is cleaned', { tag: '@matrix' }, async ({
  project,
  run,
  cli,
  existingServer,
}) => {
  const text = configText({ database: `url: process.env.TEST_URL, ${miniDatabase}`, options: `keep: 'on-failure'` });
  const mini = await project('mini', { files: { ...spec, 'playwright.config.ts': text } });
  const env = { TEST_URL: existingServer.url };
  const { events, output } = await run(mini, ['--workers=1'], { env });
  const name = events.flatMap((event) => (event.type === 'kept' ? [event.name] : []))[0] ?? '';
  expect(output).toContain(`\`STACKS_DATABASE_URL=… npx playwright-stacks psql ${name}\``);
  expect(output.match(/afterAll: .*/g)).toEqual(Array(2).fill('afterAll: seeded,of beforeAll'));

  expect((await run(mini, ['--workers=1', '-g', 'begins'], { env })).output).toContain('1 passed');
  const named = { STACKS_DATABASE_URL: existingServer.url };
  expect(await namesIn((await call(cli, mini, ['psql', name], named)).trim())).toEqual(left);
  const other = await project('mini');
  // Others' tests leave dead runs meanwhile, for a moment.
  expect(await call(cli, other, ['clean'], named)).not.toContain(name);
  expect(await call(cli, mini, ['clean', '--dry-run'], named)).toContain(`would remove ${name}, kept of 'fails'\n`);
  expect(await call(cli, mini, ['clean'], named)).toContain(`removed ${name}, kept of 'fails'\n`);
});

test('STACKS_KEEP=always keeps what passing tests leave, up to the limit', { tag: '@matrix' }, async ({
  project,
  run,
  cli,
}) => {
  const text = configText({ options: `keep: { when: 'never', most: 2 }` });
  const mini = await project('mini', { files: { 'playwright.config.ts': text } });
  const args = ['a.spec', 'b.spec', '--workers=1'];
  const { output, events } = await run(mini, args, { env: { STACKS_KEEP: 'always' } });
  expect(output).toContain('4 passed');
  expect(events.filter(({ type }) => type === 'kept')).toHaveLength(2);
  const why = 'what further tests leave is not kept: this run has kept 2, as many as `keep.most` allows';
  expect(output.split(why)).toHaveLength(2);
  expect((await call(cli, mini, ['clean'])).match(/^removed stk_kept_/gm)).toHaveLength(2);
});
