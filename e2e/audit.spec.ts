// `npx playwright-stacks audit`: what an application remembers, and which tests depend on others.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from './harness/cli.ts';
import { configText, only } from './harness/config-text.ts';
import { root } from './harness/home.ts';
import { expect } from './harness/test.ts';

test.use({ templates: 'shared' });

/** What the migration tool's loader and Playwright's browsers leave in TMPDIR without us, too. */
const ofOthers = /\/jiti|playwright_chromiumdev_profile/;
/** Nothing of an audit is left there. */
const audits = (tmp: string) => readdirSync(tmp).filter((name) => name.includes('audit'));

test('audit refuses what it cannot compare before any test runs', async ({ project, cli, sandbox }) => {
  const { folder: cwd } = await project('mini');
  const refused = async (args: readonly string[], env: Record<string, string> = {}) => {
    const child = await cli(['audit', ...args], { cwd, env });
    expect((await child.exit).exitCode).toBe(1);
    expect(child.stdout()).toBe('');
    return child.stderr();
  };
  expect(await refused(['nothing.spec'])).toMatch(
    /^AUDIT_FAILED: no tests were found for nothing\.spec\.\n {2}hint: .*--list/,
  );
  expect(await refused([], { STACKS: 'off' })).toMatch(
    /^AUDIT_FAILED: the config of these tests does not use withStacks/,
  );
  expect(audits(sandbox.scope.tmp)).toEqual([]);
});

const PLANTED = {
  'cache.spec.ts': [
    `test('ada is an admin', async ({ request }) => {
      await post(request, '/admins', 'ada');
      await get(request, '/allowed?ada');
    });`,
    `test('bob is nobody', async ({ request }) => expect(await get(request, '/allowed?bob')).toBe(false));`,
    `test('ada is nobody', async ({ request }) => expect(await get(request, '/allowed?ada')).toBe(false));`,
  ],
  'feed.spec.ts': [
    `test('a note is seen', async ({ request }) => {
      await post(request, '/notes', 'first');
      await get(request, '/feed');
    });`,
    `test('a new note is seen', async ({ request }) => {
      await post(request, '/notes', 'second');
      expect(await get(request, '/feed')).toContain('second');
    });`,
  ],
  'files.spec.ts': [
    `test('there is no file', async ({ request }) => expect(await get(request, '/files')).toEqual([]));`,
    `test('a file is uploaded', ({ request }) => post(request, '/files', 'f'));`,
  ],
  'late.spec.ts': [
    `test('a visitor comes', ({ request }) => post(request, '/visits', 'ada'));`,
    `test('nobody comes', async ({ request }) => {
      for (let n = 0; n < 160; n += 1) {
        expect(await get(request, '/log')).toEqual([]);
        await new Promise((resolve) => setTimeout(resolve, 12));
      }
    });`,
  ],
  'order.spec.ts': [
    `let made: string | undefined;`,
    `test('makes a note', async ({ request }) => {
      made = 'mine';
      await post(request, '/notes', made);
    });`,
    `test('has what was made', () => expect(made).toBe('mine'));`,
    `test('finds the note', async ({ request }) => expect(await get(request, '/notes')).toHaveLength(1));`,
  ],
};

const HEAD = `
  import { type APIRequestContext, expect, test } from '@playwright/test';
  const get = async (request: APIRequestContext, path: string) => (await request.get(path)).json();
  const post = async (request: APIRequestContext, path: string, data: string) => {
    expect((await request.post(path, { data })).status()).toBe(200);
  };`;

const WIPES = `
  import { mkdirSync, rmSync } from 'node:fs';
  export default () => {
    rmSync('uploads', { recursive: true, force: true });
    mkdirSync('uploads');
  };`;

test('@matrix audit finds what is planted: a cache, the highest id, late writes, a file, tests in an order', async ({
  project,
  cli,
  sandbox,
}) => {
  test.setTimeout(1_500_000);
  const specs = Object.entries(PLANTED).map(([file, tests]) => [`e2e/${file}`, [HEAD, ...tests].join('\n')]);
  const fixture = (name: string) => readFileSync(path.join(root, 'fixtures/remembers', name), 'utf8');
  const { folder } = await project('mini', {
    files: {
      ...only(''),
      ...Object.fromEntries(specs),
      'app.mjs': fixture('app.mjs'),
      'migrations/002_remembers.sql': fixture('schema.sql'),
      'wipes.mjs': WIPES,
      'playwright.config.ts': configText({
        config: `globalSetup: './wipes.mjs', retries: 2, reporter: [['json', { outputFile: 'mine.json' }]],`,
      }),
    },
  });
  const child = await cli(['audit', '--seed=1', '--json'], { cwd: folder });
  const { exitCode } = await child.exit;
  const said = child.stderr();
  expect(said).toContain('12 tests in file order, a new process for each: ');
  expect(said).toContain('12 tests shuffled (seed 1): ');
  expect(exitCode).toBe(1);
  const { findings, left, failing } = JSON.parse(child.stdout());
  expect({ left, failing }).toEqual({ left: [], failing: [] });
  const found = findings.map(
    (each: { test: { titlePath: string[] }; how: string; dependsOn: { titlePath: string[] }[]; on: string }) =>
      `'${each.test.titlePath[0]}' ${each.how} '${each.dependsOn.map(({ titlePath }) => titlePath[0]).join()}': ${each.on}`,
  );
  const planted = [
    "'a new note is seen' after 'a note is seen': ids",
    "'ada is nobody' after 'ada is an admin': memory",
    "'finds the note' needs 'makes a note': rows",
    "'has what was made' needs 'makes a note': tests",
    "'nobody comes' after 'a visitor comes': time",
    "'there is no file' after 'a file is uploaded': files",
  ];
  expect(found).toEqual(expect.arrayContaining(planted));
  // In other orders the visitor goes while another test runs, whose rows they then are.
  const others = found.filter((each: string) => !planted.includes(each));
  expect(others.filter((each: string) => !each.endsWith(" after 'a visitor comes': time"))).toEqual([]);
  for (const written of ['mine.json', 'test-results', 'stacks-report', 'playwright-report']) {
    expect(existsSync(path.join(folder, written))).toBe(false);
  }
  expect(audits(sandbox.scope.tmp)).toEqual([]);
});

test('@matrix no test of the demo depends on another', async ({ project, cli, sandbox }) => {
  test.setTimeout(1_500_000);
  sandbox.expectLeak(ofOthers);
  const { folder } = await project('notes');
  const { CHROMIUM_PATH } = process.env;
  const child = await cli(['audit'], { cwd: folder, env: { ...(CHROMIUM_PATH && { CHROMIUM_PATH }) } });
  const { exitCode } = await child.exit;
  console.log(child.stderr()); // how long each run took
  expect(child.stderr()).toContain('61 tests in file order, a new process for each: 61 passed');
  expect(child.stdout()).toBe('\nNo test depends on another.\n');
  expect(exitCode).toBe(0);
});

test('@matrix Ctrl-C ends an audit, and nothing is left; of one that is killed the run ends, and the next one sweeps', async ({
  project,
  run,
  cli,
  sandbox,
}) => {
  const mini = await project('mini', {
    files: {
      ...only(`
        import { test } from '@playwright/test';
        test('waits', () => new Promise(() => {}));`),
      'e2e/none.spec.ts': '',
    },
  });
  const begun = async () => {
    const child = await cli(['audit', 'a.spec'], { cwd: mini.folder });
    await expect.poll(() => audits(sandbox.scope.tmp), { timeout: 60_000 }).toHaveLength(1);
    await expect.poll(hasRun, { timeout: 60_000 }).toBe(true);
    return child;
  };
  const hasRun = () => readdirSync(sandbox.scope.tmp).some((name) => name.startsWith('stk'));
  const interrupted = await begun();
  process.kill(interrupted.pid, 'SIGINT');
  expect((await interrupted.exit).exitCode).toBe(130);
  expect(interrupted.stderr()).toContain('Interrupted.\n');
  expect(audits(sandbox.scope.tmp)).toEqual([]);

  const killed = await begun();
  process.kill(killed.pid, 'SIGKILL');
  await expect.poll(hasRun, { timeout: 60_000 }).toBe(false);
  const [left = ''] = audits(sandbox.scope.tmp);
  const { events } = await run(mini, ['none.spec', '--pass-with-no-tests']);
  const swept = events.flatMap((event) => (event.type === 'swept' ? event.removed : []));
  expect(swept).toContain(path.join(sandbox.scope.tmp, left));
  expect(audits(sandbox.scope.tmp)).toEqual([]);
});
