// A run of fixtures/mini that must pass in a installation, and one that must not.
import { expect } from '@playwright/test';
import { configText } from './config-text.ts';
import type { Installation } from './installation.ts';
import type { RunOptions, RunResult } from './run.ts';

/** Runs all of fixtures/mini and what looks at Playwright's private parts; a displaced fixture must be noticed. */
export async function passesIn(
  { sandbox }: Pick<Installation, 'sandbox'>,
  options: RunOptions = {},
): Promise<RunResult> {
  const mini = await sandbox.project('mini', {
    files: {
      'playwright.config.ts': configText({
        config: `globalSetup: './set-up.ts', use: { baseURL: 'http://localhost:39999', timezoneId: 'Asia/Tokyo' }`,
      }),
      'set-up.ts': `
        import { expect } from '@playwright/test';
        export default ({ projects: [project] }) => expect(Object.keys(project.use)).toEqual(['baseURL', 'timezoneId']);
      `,
      'e2e/private.spec.ts': privateSpec,
      'e2e/isolation.spec.ts': isolationSpec,
    },
  });
  const run = async () => (await sandbox.start(mini, [], { timeout: 120_000, ...options })).done;
  const result = await run();
  expect(result.output).toContain('20 passed');
  expect(result.exitCode).toBe(0);
  await mini.write('e2e/displaced.spec.ts', displacedSpec);
  expect((await run()).output).toContain('STACK_NOT_LEASED: a test passed without a stack');
  return result;
}

/** Beside the files of fixtures/mini: a file's own `baseURL`, groups of one file, options as data. 5 tests. */
const privateSpec = `
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
  test('options are the user’s when they are read', ({ timezoneId }, { config, project }) => {
    expect([timezoneId, project.use.timezoneId]).toEqual(['Asia/Tokyo', 'Asia/Tokyo']);
    expect(config.projects.map(({ use }) => Object.keys(use).sort())).toEqual([['baseURL', 'timezoneId']]);
  });
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
const isolationSpec = `
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
/** A test that lost our fixture: the run fails. */
const displacedSpec = `
  import { test } from '@playwright/test';
  test.use({ timezoneId: 'Asia/Tokyo', serviceWorkers: 'block' });
  test('has no stack', async () => {});
`;
