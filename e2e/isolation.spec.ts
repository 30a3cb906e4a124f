// What a test finds in the database: what was there before the one before it, and what its hooks wrote.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

/** Helpers at the top of a consumer's spec file. */
const top = (from = '@playwright/test') => `
  import { expect, test } from '${from}';
  const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);
  const add = async (request, name) => {
    const response = await request.post('/items', { data: name });
    expect(response.status(), await response.text()).toBe(200);
    return response.json();
  };
`;

test('every test starts from what its hooks wrote, and from nothing that a test wrote', async ({ project, run }) => {
  const files = only(`${top()}
    test.beforeAll(async ({ request }) => void (await add(request, 'of the file')));
    test.beforeEach(async ({ request }) => void (await add(request, 'of each')));
    for (const n of [1, 2]) {
      test('adds ' + n, async ({ request }) => {
        expect(await names(request)).toEqual(['seeded', 'of the file', 'of each']);
        expect(await add(request, 'mine')).toEqual({ id: 4, name: 'mine' });
      });
    }
    test.describe('nested', () => {
      test.beforeAll(async ({ request }) => void (await add(request, 'of the describe')));
      test.afterAll(async ({ request }) => void (await add(request, 'after the describe')));
      for (const n of [1, 2]) {
        test('nested ' + n, async ({ request }) => {
          expect(await names(request)).toEqual(['seeded', 'of the file', 'of the describe', 'of each']);
          await add(request, 'mine');
        });
      }
    });
    test('last', async ({ request }) => {
      expect(await names(request)).toEqual(['seeded', 'of the file', 'of the describe', 'after the describe', 'of each']);
    });
  `);
  files['e2e/b.spec.ts'] = `${top()}
    test('another file begins where the run began', async ({ request }) => {
      expect(await names(request)).toEqual(['seeded']);
      expect(await add(request, 'mine')).toEqual({ id: 2, name: 'mine' });
    });
  `;
  const { output, events } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('6 passed');
  expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
});

test('a failed test costs neither server nor database, and is told what it changed', async ({ project, run }) => {
  const files = only(`${top()}
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
  `);
  files['e2e/b.spec.ts'] = `${top()}
    test('relies on the file before', async ({ request }) => expect(await names(request)).toContain('left over'));
  `;
  const folder = await project('mini', { files });
  const { output } = await run(folder, ['--workers=1', '--retries=1']);
  expect(output).toContain('2 passed');
  const [before, again, after] = [...output.matchAll(/(?:BEFORE|AFTER) (\{.*\})/g)].map(([, json]) => json);
  expect(before).toBeTruthy();
  expect(again).toBe(before);
  expect(after).toBe(before);
  expect(output).toContain(
    "hint for 'fails': 1 row made by 'makes one' (a.spec.ts) was rewound; `describe.serial` or `isolation: 'file'` keeps them",
  );
  expect(output).toContain(
    "hint for 'fails': 1 row made by 'makes one' (a.spec.ts) was rewound; it ran in another worker",
  );
  expect(output).toContain(
    "hint for 'relies on the file before': 1 row made by 'fails' (a.spec.ts) was rewound; `isolation: 'worker'` keeps them",
  );
});

test('a serial group is one unit, and its own hooks belong to it', async ({ project, run }) => {
  const files = only(`${top()}
    test.beforeAll(async ({ request }) => void (await add(request, 'of the file')));
    for (const n of [1, 2]) {
      test.describe.serial('unit ' + n, () => {
        test.beforeAll(async ({ request }) => void (await add(request, 'of the unit')));
        test.afterAll(async ({ request }) => expect(await names(request)).toEqual(['seeded', 'of the file', 'of the unit', 'one', 'two']));
        test('adds one', async ({ request }) => void (await add(request, 'one')));
        test('finds one', async ({ request }) => {
          expect(await names(request)).toEqual(['seeded', 'of the file', 'of the unit', 'one']);
          await add(request, 'two');
        });
      });
    }
    test('finds nothing of them', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'of the file']));
  `);
  files['e2e/b.spec.ts'] = `${top()}
    test.describe.configure({ mode: 'serial' });
    test('adds', async ({ request }) => void (await add(request, 'one')));
    test('finds', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));
  `;
  const { output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('7 passed');
});

test('isolation is said by the options, a project, test.use or an annotation', async ({ project, run }) => {
  const stays = `
    test('adds', async ({ request }) => void (await add(request, 'one')));
    test('finds', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));`;
  const goes = stays.replace(", 'one']", ']');
  const files = {
    'playwright.config.ts': configText({
      config: `projects: [
        { name: 'test', testMatch: 'a.spec.ts' },
        { name: 'file', testMatch: ['b.spec.ts', 'c.spec.ts'], use: { isolation: 'file' } },
        { name: 'worker', testMatch: ['b.spec.ts', 'd.spec.ts'], use: { isolation: 'worker' } },
      ]`,
    }),
    'e2e/a.spec.ts': `${top()}${goes}
      test.describe('annotated', { annotation: { type: 'isolation', description: 'file' } }, () => {${stays}});
      test('still there', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));
    `,
    'e2e/b.spec.ts': `${top()}${stays}`,
    'e2e/c.spec.ts': `${top('playwright-stacks')}
      test.use({ isolation: 'test' });${goes}
      test.describe('used', () => {
        test.use({ isolation: 'file' });${stays}
      });`,
    'e2e/d.spec.ts': `${top()}
      test('another file of the worker finds it', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));`,
  };
  const { output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('14 passed');
});

test('a project with isolation off runs as without us', async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({
      config: `projects: [
        { name: 'stacks', testMatch: 'a.spec.ts' },
        { name: 'off', testMatch: 'b.spec.ts', use: { isolation: 'off', baseURL: 'http://localhost:1' } },
      ]`,
    }),
    ...only(`${top()}test('has a stack', async ({ request }) => expect(await names(request)).toEqual(['seeded']));`),
    'e2e/b.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('has none', async ({ baseURL }) => {
        expect([baseURL, process.env.DATABASE_URL, process.env.PGDATABASE]).toEqual(['http://localhost:1', 'postgres://mine', undefined]);
      });`,
  };
  const env = { DATABASE_URL: 'postgres://mine' };
  const { output, events } = await run(await project('mini', { files }), ['--workers=1'], { env });
  expect(output).toContain('2 passed');
  expect(events.filter(({ type }) => type === 'leased')).toHaveLength(1);
});

test('a wrong isolation is an error that names it', { tag: '@matrix' }, async ({ project, run }) => {
  const files = only(`
    import { test } from '@playwright/test';
    test('annotated', { annotation: { type: 'isolation', description: 'tset' } }, async () => {});
  `);
  const wrong = await run(await project('mini', { files }), []);
  expect(wrong.output).toContain(
    `OPTIONS_INVALID: the annotation \`isolation\` must be 'test', 'file' or 'worker', got "tset".`,
  );
  const config = configText({ config: `use: { isolation: 'tset' }`, options: `isolation: 'fiel',` });
  const refused = await run(await project('mini', { files: { 'playwright.config.ts': config } }), []);
  expect(refused.output).toContain(`\`isolation\` must be 'test', 'file', 'worker' or 'off', got "fiel"`);
  expect(refused.output).toContain(
    `\`use.isolation\` must be 'test', 'file', 'worker' or 'off', got "tset"; did you mean 'test'?`,
  );
});

test('what worker fixtures write stays, wherever they are set up; a checkpoint in a test is an error', async ({
  project,
  run,
}) => {
  const files = only(`
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
  `);
  files['e2e/b.spec.ts'] = files['e2e/a.spec.ts'] ?? '';
  const inHook = (then: string) => `
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
    }`;
  files['e2e/c.spec.ts'] = inHook('');
  files['e2e/d.spec.ts'] = inHook("test.use({ isolation: 'file' });");
  const { output, events } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 120_000 });
  expect(output).toContain('OPTIONS_INVALID: stack.checkpoint() was called in a test.');
  expect(output).toContain('test 2 fails');
  expect(output).toContain('4 failed');
  expect(output).toContain('12 passed');
  expect(events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
});

test('what cannot be undone costs a fresh clone, which gets back what hooks wrote; or fails the test', async ({
  project,
  run,
}) => {
  const files = only(`${top('playwright-stacks')}
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
  `);
  files['e2e/b.spec.ts'] = `${top('playwright-stacks')}
    let times = 0;
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
  const { output, events } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain(
    "REWIND_IMPOSSIBLE: what 'changes it again' did cannot be undone: CREATE TABLE public.more.",
  );
  expect(output).toContain('1 failed');
  expect(output).toContain('6 passed');
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'rewind-impossible',
      test: expect.objectContaining({ title: 'changes the schema' }),
      reason: 'ddl',
    }),
  );
});

test('what comes in late is seen by no later test', async ({ project, run }) => {
  const files = only(`${top()}
    let late;
    test('leaves a request behind', ({ baseURL }) => {
      late = fetch(baseURL + '/late?ms=300', { method: 'POST', body: 'late' });
    });
    test('waits for it', async () => expect((await late).ok).toBe(true));
    test('finds nothing', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
  `);
  const { output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('3 passed');
});

test('state in memory: reset, restart and idle, each its own way', async ({ project, run }) => {
  const ways = [
    [`reset: '/reset'`, [1, 1, 1]],
    [`reset: ({ url }) => fetch(url + '/reset', { method: 'POST' })`, [1, 1, 1]],
    [`restart: 'test'`, [1, 1, 1]],
    [`restart: 'file'`, [1, 2, 1]],
    [`idle: '/healthz'`, [1, 2, 3]],
  ] as const;
  const servers = ways.map(([way], index) => `{ name: 's${index}', command: 'node app.mjs', url: '/healthz', ${way} }`);
  const counts = (index: number) => `
    test('counts ${index}', async ({ stack }) => {
      const counted = await Promise.all([0, 1, 2, 3, 4].map(async (n) => {
        const response = await fetch(stack.server('s' + n).url + '/count', { method: 'POST' });
        return (await response.json()).count;
      }));
      expect(counted).toEqual(${JSON.stringify(ways.map(([, expected]) => expected[index]))});
    });`;
  const files: Record<string, string> = {
    'playwright.config.ts': configText({ server: `[${servers.join(', ')}]` }),
    ...only(`import { expect, test } from 'playwright-stacks';${counts(0)}${counts(1)}`),
    'e2e/b.spec.ts': `import { expect, test } from 'playwright-stacks';${counts(2)}`,
  };
  const { output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('3 passed');
});

test('a reset that fails, and an app that never is idle, fail the test', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const server = `{ command: 'node app.mjs', url: '/healthz', reset: '/nowhere', idle: '/nowhere' }`;
  const files = {
    'playwright.config.ts': configText({ server }),
    ...only(`import { test } from '@playwright/test'; test('one', async () => {}); test('two', async () => {});`),
  };
  const { output } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toContain('SERVER_NOT_IDLE: server "web" did not become idle: HTTP 404 for GET /nowhere.');
  expect(output).toContain('SERVER_NOT_RESET: server "web" was not reset: HTTP 404 for POST /nowhere.');
});

test('a worker fixture signs up a fixed e-mail: test 1 fails, test 2 passes in the new worker; groups of one file in one worker', async ({
  project,
  run,
}) => {
  const files = only(`${top('playwright-stacks')}
    const own = test.extend({
      account: [async ({ stack }, use) => {
        const response = await fetch(stack.url + '/items', { method: 'POST', body: 'fixed@example.com' });
        expect(response.status).toBe(200);
        await stack.checkpoint();
        await use('fixed@example.com');
      }, { scope: 'worker' }],
    });
    own('test 1', async ({ account }) => expect(account).toBe('not this one'));
    own('test 2', async ({ account, request }) => expect(await names(request)).toEqual(['seeded', account]));
  `);
  files['e2e/b.spec.ts'] = `${top()}
    test.describe.configure({ mode: 'parallel' });
    test.beforeAll(async ({ request }) => void (await add(request, 'unique')));
    for (let n = 1; n <= 60; n += 1) {
      test('is a group of its own ' + n, async ({ request }) => {
        expect(await names(request)).toEqual(['seeded', 'unique']);
        await add(request, 'mine');
      });
    }
  `;
  const mini = await project('mini', { files });
  const { output, events } = await run(mini, ['--workers=1', 'b.spec']);
  expect(output).toContain('60 passed');
  expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
  const signUp = await run(mini, ['--workers=1', 'a.spec']);
  expect(signUp.output).toContain('1 failed');
  expect(signUp.output).toContain('1 passed');
});
