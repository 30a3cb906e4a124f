// What a test finds in the database: what was there before the one before it, and what its hooks wrote.
import { configText, only } from './harness/config-text.ts';
import { top } from './harness/items.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const hooks = `${top()}
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
`;

const anotherFile = `${top()}
  test('another file begins where the run began', async ({ request }) => {
    expect(await names(request)).toEqual(['seeded']);
    expect(await add(request, 'mine')).toEqual({ id: 2, name: 'mine' });
  });
`;

const late = `${top()}
  let late;
  test('leaves a request behind', ({ baseURL }) => {
    late = fetch(baseURL + '/late?ms=300', { method: 'POST', body: 'late' });
  });
  test('waits for it', async () => expect((await late).ok).toBe(true));
  test('finds nothing', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
`;

const serialGroups = `${top()}
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
`;

const serialFile = `${top()}
  test.describe.configure({ mode: 'serial' });
  test('adds', async ({ request }) => void (await add(request, 'one')));
  test('finds', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));
`;

const parallelFile = `${top()}
  test.describe.configure({ mode: 'parallel' });
  test.beforeAll(async ({ request }) => void (await add(request, 'unique')));
  for (let n = 1; n <= 20; n += 1) {
    test('is a group of its own ' + n, async ({ request }) => {
      expect(await names(request)).toEqual(['seeded', 'unique']);
      await add(request, 'mine');
    });
  }
`;

const stays = `
  test('adds', async ({ request }) => void (await add(request, 'one')));
  test('finds', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));`;
const goes = stays.replace(", 'one']", ']');

const kept = `
  const ids: number[] = [];
  for (const n of [1, 2]) {
    test('gets an id that no other test had ' + n, async ({ request }) => {
      expect(await names(request)).toEqual(['seeded']);
      ids.push((await add(request, 'mine')).id);
      // Those of other files have gone on as well.
      expect(ids).toEqual([ids[0], ids[0]! + 1].slice(0, n));
    });
  }`;

test('every test starts from what its hooks wrote; a serial group is one unit; isolation and sequences are said by a project, test.use or an annotation, and off is as without us', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({
      config: `projects: [
        { name: 'test', testMatch: '[a-h].spec.ts' },
        { name: 'kept', testMatch: 'kept.spec.ts', use: { sequences: 'keep' } },
        { name: 'file', testMatch: ['levels.spec.ts', 'used.spec.ts'], use: { isolation: 'file' } },
        { name: 'worker', testMatch: ['levels.spec.ts', 'then.spec.ts'], use: { isolation: 'worker' } },
        { name: 'off', testMatch: 'off.spec.ts', use: { isolation: 'off', baseURL: 'http://localhost:1' } },
      ]`,
    }),
    'e2e/a.spec.ts': hooks,
    'e2e/b.spec.ts': anotherFile,
    'e2e/c.spec.ts': late,
    'e2e/d.spec.ts': serialGroups,
    'e2e/e.spec.ts': serialFile,
    'e2e/f.spec.ts': parallelFile,
    'e2e/g.spec.ts': `${top()}${goes}
      test.describe('annotated', { annotation: { type: 'isolation', description: 'file' } }, () => {${stays}});
      test('still there', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));
    `,
    'e2e/h.spec.ts': `${top('playwright-stacks')}
      test.describe('used', () => {
        test.use({ sequences: 'keep' });${kept}
      });`,
    'e2e/kept.spec.ts': `${top()}${kept}
      test('wants that of the first again', { annotation: { type: 'sequences', description: 'rewind' } }, async ({ request }) => {
        expect((await add(request, 'mine')).id).toBe(ids[0]);
      });
      test('gets the next one', async ({ request }) => expect((await add(request, 'mine')).id).toBe(ids[1]! + 1));`,
    'e2e/levels.spec.ts': `${top()}${stays}`,
    'e2e/used.spec.ts': `${top('playwright-stacks')}
      test.use({ isolation: 'test' });${goes}
      test.describe('used', () => {
        test.use({ isolation: 'file' });${stays}
      });`,
    'e2e/then.spec.ts': `${top()}
      test('another file of the worker finds it', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'one']));`,
    'e2e/off.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('has none', async ({ baseURL }) => {
        expect([baseURL, process.env.DATABASE_URL, process.env.PGDATABASE]).toEqual(['http://localhost:1', 'postgres://mine', undefined]);
      });`,
  };
  const env = { DATABASE_URL: 'postgres://mine' };
  const { output, events, exitCode } = await run(await project('mini', { files }), ['--workers=1'], { env });
  expect(output).toContain('57 passed');
  expect(exitCode).toBe(0);
  expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
  // A worker for each project, one more for each file that sets an option of ours, and none for 'off'.
  expect(events.filter(({ type }) => type === 'leased')).toHaveLength(6);
});

test('a wrong isolation, and what becomes of sequences, is an error that names it', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const files = only(`
    import { test } from '@playwright/test';
    test('annotated', { annotation: { type: 'isolation', description: 'tset' } }, async () => {});
    test('says nothing', { annotation: { type: 'isolation' } }, async () => {});
    test('kept', { annotation: { type: 'sequences', description: 'kept' } }, async () => {});
  `);
  const wrong = await run(await project('mini', { files }), []);
  expect(wrong.output).toContain(
    `OPTIONS_INVALID: the annotation \`isolation\` must be 'test', 'file' or 'worker', got "tset".`,
  );
  expect(wrong.output).toContain(`the annotation \`isolation\` must be 'test', 'file' or 'worker', got null.`);
  expect(wrong.output).toContain(
    `OPTIONS_INVALID: the annotation \`sequences\` must be 'rewind' or 'keep', got "kept".`,
  );
  const config = configText({ config: `use: { isolation: 'tset', sequences: 'kept' }`, options: `isolation: 'fiel',` });
  const refused = await run(await project('mini', { files: { 'playwright.config.ts': config } }), []);
  expect(refused.output).toContain(`\`isolation\` must be 'test', 'file', 'worker' or 'off', got "fiel"`);
  expect(refused.output).toContain(
    `\`use.isolation\` must be 'test', 'file', 'worker' or 'off', got "tset"; did you mean 'test'?`,
  );
  expect(refused.output).toContain(`\`use.sequences\` must be 'rewind' or 'keep', got "kept"; did you mean 'keep'?`);
});

test('state in memory: reset, restart and idle, each its own way', { tag: '@matrix' }, async ({ project, run }) => {
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
