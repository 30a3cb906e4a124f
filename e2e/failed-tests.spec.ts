// What a failed test leaves behind, what a test did that cannot be undone, and what worker fixtures of a replaced worker wrote.
import { configText } from './harness/config-text.ts';
import { top } from './harness/items.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const failing = `${top()}
  test('makes one', async ({ request }) => void (await add(request, 'made')));
  test('fails', async ({ request }) => {
    console.log('BEFORE', JSON.stringify(await (await request.get('/whoami')).json()));
    await add(request, 'left over');
    expect(await names(request)).toContain('made');
  });
  test('is next', async ({ request }) => {
    console.log('AFTER', JSON.stringify(await (await request.get('/whoami')).json()));
    expect(await names(request)).toEqual(['seeded']);
  });
`;

const relying = `${top()}
  test.describe.configure({ retries: 0 });
  test('relies on the file before', async ({ request }) => expect(await names(request)).toContain('left over'));
`;

// Under 'file' a group's rows stay; its last test gets another worker after one that fails.
const split = `${top('playwright-stacks')}
  test.use({ isolation: 'file' });
  test('makes one for its file', async ({ request }) => void (await add(request, 'of the file')));
  test('fails in it', async ({ request }) => expect(await names(request), 'on purpose').toEqual([]));
  test('relies on its file', async ({ request }) => expect(await names(request)).toContain('of the file'));
`;

const fixtures = `
  import { expect, test as base } from 'playwright-stacks';
  const test = base.extend<{ early: void }, { account: string; state: void }>({
    // Asked for by the test: set up after its hooks.
    account: [async ({ stack, playwright }, use) => {
      const request = await playwright.request.newContext({ baseURL: stack.url });
      const response = await request.post('/items', { data: 'account@example.com' });
      expect(response.status(), await response.text()).toBe(200);
      await stack.checkpoint();
      await use('account@example.com');
    }, { scope: 'worker' }],
    // Before every test.
    early: [async ({ request }, use) => {
      await request.post('/items', { data: 'early' });
      await use();
    }, { auto: true }],
  });
  const names = async (db) => (await db.query('SELECT name FROM items ORDER BY id')).rows.map(({ name }) => name);
  test('has not asked for it', async ({ db }) => expect(await names(db)).toEqual(['seeded', 'early']));
  for (const n of [1, 2, 3]) {
    test('uses it ' + n, async ({ account, db }) => {
      expect((await names(db)).sort()).toEqual([account, 'early', 'seeded']);
      await db.query("INSERT INTO items (name) VALUES ('mine')");
      expect(n, 'test 2 fails').not.toBe(2);
    });
  }
  test('checkpoints', async ({ stack }) => stack.checkpoint());
`;

const fixtureInHook = (then = '') => `
  import { expect, test as base } from 'playwright-stacks';
  const test = base.extend<object, { account: string }>({
    account: [async ({ stack }, use) => {
      const response = await fetch(stack.url + '/items', { method: 'POST', body: 'account' });
      expect(response.status).toBe(200);
      await use('account');
    }, { scope: 'worker' }],
  });
  test.beforeAll(async ({ account }) => {});
  ${then}
  for (const n of [1, 2, 3]) {
    test('finds it once ' + n, async ({ db }) => {
      expect((await db.query("SELECT name FROM items WHERE name = 'account'")).rows).toHaveLength(1);
      await db.query('INSERT INTO items (name) VALUES ($1)', ['mine ' + n]);
    });
  }
`;

const signUp = `${top('playwright-stacks')}
  const own = test.extend({
    account: [async ({ stack }, use) => {
      const response = await fetch(stack.url + '/items', { method: 'POST', body: 'fixed@example.com' });
      expect(response.status).toBe(200);
      await stack.checkpoint();
      await use('fixed@example.com');
    }, { scope: 'worker' }],
  });
  own('sign-up 1', async ({ account }) => expect(account).toBe('not this one'));
  own('sign-up 2', async ({ account, request }) => expect(await names(request)).toEqual(['seeded', account]));
`;

const schemaOfTest = `${top('playwright-stacks')}
  test.beforeAll(async ({ request }) => void (await add(request, 'of the file')));
  test('changes the schema', async ({ db, request }) => {
    await db.query('CREATE TABLE more (id int)');
    await add(request, 'mine');
  });
  test('finds the rows of beforeAll on a fresh clone', async ({ db, request }) => {
    expect(await names(request)).toEqual(['seeded', 'of the file']);
    expect((await db.query("SELECT to_regclass('more') AS more")).rows).toEqual([{ more: null }]);
    expect(await add(request, 'mine')).toEqual({ id: 3, name: 'mine' });
  });
  test('makes temporary tables, statistics', async ({ db }) => {
    for (const sql of ['CREATE TEMP TABLE t (id int)', 'ANALYZE', 'VACUUM items']) await db.query(sql);
  });
  test('is on the same clone', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'of the file']));
`;

const schemaOfHook = `${top('playwright-stacks')}
  test.beforeAll(async ({ stack }) => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(stack.db.url);
    await client.connect();
    await client.query('CREATE TABLE IF NOT EXISTS of_hook (id int); INSERT INTO of_hook VALUES (1)');
    await client.end();
  });
  test('starts from a schema that a hook has changed', async ({ db }) => void (await db.query('INSERT INTO of_hook VALUES (2)')));
  test('changes it again', async ({ db }) => void (await db.query('CREATE TABLE more (id int)')));
  test('is run in a new worker', async ({ db }) => {
    expect((await db.query('SELECT id FROM of_hook')).rows).toEqual([{ id: 1 }]);
  });
`;

test('a failed test costs neither server nor database, and is told what was rewound; what cannot be undone costs a fresh clone, or fails the test', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      config: `projects: [
        { name: 'failing', testMatch: ['a.spec.ts', 'b.spec.ts'], retries: 1 },
        { name: 'split', testMatch: 'split.spec.ts' },
        { name: 'schema', testMatch: ['c.spec.ts', 'd.spec.ts'] },
      ]`,
    }),
    'e2e/a.spec.ts': failing,
    'e2e/b.spec.ts': relying,
    'e2e/split.spec.ts': split,
    'e2e/c.spec.ts': schemaOfTest,
    'e2e/d.spec.ts': schemaOfHook,
  };
  const { output, events } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 180_000 });
  // failing: 2 and 2, of which one is retried; split: 1 and 2; schema: 6 and 1.
  expect(output).toContain('9 passed');
  expect(output).toContain('5 failed');

  const [before, again, after] = [...output.matchAll(/(?:BEFORE|AFTER) (\{.*\})/g)].map(([, json]) => json);
  expect(before).toBeTruthy();
  expect(again).toBe(before);
  expect(after).toBe(before);
  const hints = [
    "hint for 'fails': 1 row made by 'makes one' (a.spec.ts) was rewound; `describe.serial` or `isolation: 'file'` keeps them",
    "hint for 'fails': 1 row made by 'makes one' (a.spec.ts) was rewound; it ran in another worker",
    "hint for 'relies on its file': 1 row made by the tests and hooks up to 'fails in it' (split.spec.ts) was rewound; it ran in another worker",
    "hint for 'relies on the file before': 1 row made by 'fails' (a.spec.ts) was rewound; `isolation: 'worker'` keeps them",
  ];
  for (const hint of hints) expect(output).toContain(hint);

  expect(output).toContain(
    "REWIND_IMPOSSIBLE: what 'changes it again' did cannot be undone: CREATE TABLE public.more.",
  );
  const fresh = events.flatMap((event) => (event.type === 'rewind-impossible' ? [event] : []));
  expect(fresh.map(({ test, reason }) => [test?.title, reason])).toEqual([
    ['changes the schema', 'ddl'],
    ['changes it again', 'ddl'],
  ]);
});

// In the default run: src/worker/between-tests.test.ts.
test('rows of worker fixtures are there once in every test, also of a worker that replaces one', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText(),
    'e2e/a.spec.ts': fixtures,
    'e2e/b.spec.ts': fixtures,
    'e2e/c.spec.ts': fixtureInHook(),
    'e2e/d.spec.ts': fixtureInHook("test.use({ isolation: 'file' });"),
    'e2e/sign-up.spec.ts': signUp,
  };
  const { output, events } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 180_000 });
  // fixtures: 3 and 2, twice; in a hook: 3, twice; sign-up: 1 and 1.
  expect(output).toContain('13 passed');
  expect(output).toContain('5 failed');
  expect(output).toContain('OPTIONS_INVALID: stack.checkpoint() was called in a test.');
  expect(output.match(/Error: test 2 fails/g)).toHaveLength(2);
  expect(output.match(/ › sign-up 1/)).toBeTruthy();
  expect(events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
});
