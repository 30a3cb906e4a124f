// The supported versions of Playwright: what is private in it works as src/playwright/private.ts says.
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { configText } from './harness/config-text.ts';
import { consumerEnv, npmEnv } from './harness/env.ts';
import { expect, test } from './harness/test.ts';

/** Groups of one file, a file's own `baseURL`, and a test that lost its fixture: all need private knowledge. */
const spec = `
  import { expect, test } from '@playwright/test';
  for (const [title, own] of Object.entries({ theirs: test, extended: test.extend({}) })) {
    own.describe(title, () => {
      own.use({ baseURL: 'http://localhost:39999/deep/' });
      own('reaches the own server', async ({ request, baseURL }) => {
        expect(baseURL).not.toContain('39999');
        expect((await request.get('../healthz')).ok()).toBe(true);
      });
    });
  }
  for (const name of ['one', 'two']) {
    test.describe(name, () => {
      test.describe.configure({ mode: 'parallel' });
      test('finds a fresh database', async ({ request }) => {
        expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 2, name: 'mine' });
      });
    });
  }
`;
/** Serial groups with hooks, options of ours, worker fixtures within a test, a state file for all slots. */
const isolation = `
  import { readFileSync } from 'node:fs';
  import { expect, test as base } from 'playwright-stacks';
  const names = async (db) => (await db.query('SELECT name FROM items ORDER BY id')).rows.map(({ name }) => name);
  const insert = (db, name) => db.query('INSERT INTO items (name) VALUES ($1)', [name]);
  const test = base.extend({
    account: [async ({ stack }, use) => {
      await fetch(stack.url + '/items', { method: 'POST', body: 'account' });
      await use('account');
    }, { scope: 'worker' }],
  });
  test.describe.serial('unit', () => {
    test.beforeAll(async ({ stack }) => void (await fetch(stack.url + '/items', { method: 'POST', body: 'hook' })));
    test('adds', async ({ db }) => void (await insert(db, 'one')));
    test('finds', async ({ db }) => expect(await names(db)).toEqual(['seeded', 'hook', 'one']));
  });
  test.describe('kept', () => {
    test.use({ isolation: 'file' });
    test('adds', async ({ db }) => {
      expect(await names(db)).toEqual(['seeded']);
      await insert(db, 'kept');
    });
    test('finds', async ({ db }) => expect(await names(db)).toEqual(['seeded', 'kept']));
  });
  for (const n of [1, 2]) {
    test('has the account ' + n, async ({ account, db }) => {
      expect(await names(db)).toEqual(['seeded', 'kept', account]);
      await insert(db, 'gone');
    });
  }
  test('saves a state for all slots', async ({ playwright, stack }, testInfo) => {
    const path = testInfo.outputPath('state.json');
    const state = { cookies: [], origins: [{ origin: stack.url, localStorage: [{ name: 'a', value: 'b' }] }] };
    const request = await playwright.request.newContext({ storageState: state });
    await request.storageState({ path });
    expect(JSON.parse(readFileSync(path, 'utf8')).origins).toHaveLength(2);
  });
`;
const displaced = `
  import { test } from '@playwright/test';
  test.use({ timezoneId: 'Asia/Tokyo', serviceWorkers: 'block' });
  test('has no stack', async () => {});
`;

for (const version of ['1.50.1', '1.57.0']) {
  test(`@playwright/test ${version}`, async ({ home, project, sandbox }) => {
    test.setTimeout(150_000);
    const folder = await mkdtemp('/tmp/e2e-version-');
    try {
      await chmod(folder, 0o755);
      await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
      const install = ['install', '--no-audit', '--no-fund', '--prefer-offline', `@playwright/test@${version}`];
      await execa('npm', install, { cwd: folder, env: npmEnv(), extendEnv: false, timeout: 90_000 });
      // Everything else as it is installed for the other tests; what is there already stays.
      await execa('cp', ['-a', '-n', path.join(home, 'node_modules'), folder]);
      const mini = await project('mini', {
        files: {
          'playwright.config.ts': configText({ config: `use: { baseURL: 'http://localhost:39999' }` }),
          'e2e/groups.spec.ts': spec,
          'e2e/isolation.spec.ts': isolation,
        },
      });
      await cp(mini.folder, path.join(folder, 'mini'), { recursive: true });
      const run = () =>
        execa(
          process.execPath,
          [path.join(folder, 'node_modules/@playwright/test/cli.js'), 'test', '--reporter=line'],
          {
            cwd: path.join(folder, 'mini'),
            env: {
              ...consumerEnv(),
              TMPDIR: sandbox.scope.tmp,
              E2E_TAG: sandbox.scope.tag,
              PWTEST_CACHE_DIR: path.join(folder, 'transform-cache'),
            },
            extendEnv: false,
            reject: false,
            all: true,
            timeout: 60_000,
          },
        );
      const good = await run();
      expect(good.all).toContain('19 passed');
      expect(good.exitCode).toBe(0);
      await writeFile(path.join(folder, 'mini/e2e/displaced.spec.ts'), displaced);
      const bad = await run();
      expect(bad.all).toContain('STACK_NOT_LEASED: a test passed without a stack');
      expect(bad.exitCode).toBe(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
