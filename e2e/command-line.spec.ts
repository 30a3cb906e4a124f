// Playwright's own flags on a suite with stacks: exit codes, counts, and nothing left (every e2e test checks that).
import { configText } from './harness/config-text.ts';
import { expect, type RunResult, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const counts = ({ report }: RunResult) => report && { ...report.stats, startTime: undefined, duration: undefined };
const all = { expected: 8, unexpected: 0, flaky: 0, skipped: 0 };
const opened = ({ events }: RunResult) => events.filter((event) => event.type === 'stack-opened' && !event.again);
const leasedDatabases = ({ events }: RunResult) =>
  new Set(events.flatMap((event) => (event.type === 'leased' ? [event.database] : [])));

test('-g and a file run what they name, on as many stacks as that can use; what globalSetup writes is on each', async ({
  project,
  run,
}) => {
  const spec = `
    import { expect, test } from '@playwright/test';
    const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);
    for (const n of [1, 2, 3]) {
      test((n < 3 ? 'finds it ' : 'is not named ') + n, async ({ request }) => {
        expect(await names(request)).toEqual(['seeded', 'of globalSetup']);
        expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 3, name: 'mine' });
      });
    }`;
  const files = {
    'e2e/a.spec.ts': spec,
    'e2e/b.spec.ts': spec,
    'playwright.config.ts': configText({ config: `globalSetup: './global-setup.ts'` }),
    'global-setup.ts': `
      export default async ({ projects: [{ use }] }) => {
        const response = await fetch(use.baseURL + '/items', { method: 'POST', body: 'of globalSetup' });
        if (!response.ok) throw new Error(await response.text());
      };`,
  };
  const args = ['-g', 'finds it', 'a.spec.ts', 'b.spec.ts', '--workers=4'];
  const result = await run(await project('mini', { files }), args, { report: 'json' });
  expect(counts(result)).toMatchObject({ ...all, expected: 4 });
  expect(result.output).toContain('Found 2 test files (4 tests), 2 workers\n');
  expect(result.output).toContain('2 files: 2 passed, 0 failed, 0 cancelled');
  expect(result.exitCode).toBe(0);
  expect(opened(result)).toHaveLength(2);
  expect(leasedDatabases(result).size).toBe(2);
});

test('--list provisions nothing', async ({ project, run }) => {
  const result = await run(await project('mini'), ['--list']);
  expect(result.exitCode).toBe(0);
  expect(result.output).toContain('Total: 8 tests in 4 files');
  expect(result.events).toEqual([]);
});

test('-g that matches nothing fails as it does without stacks', { tag: '@matrix' }, async ({ project, run }) => {
  const result = await run(await project('mini'), ['-g', 'nothing-matches']);
  expect(result.exitCode).toBe(1);
  expect(result.output).toContain('No tests found');
  expect(result.events.filter(({ type }) => type === 'leased')).toEqual([]);
});

const failing = {
  'e2e/a.spec.ts': `
    import { expect, test } from '@playwright/test';
    test('fails', async () => expect(1).toBe(2));
    test('comes after it', async ({ request }) => expect(await (await request.get('/items')).json()).toHaveLength(1));
  `,
};

test('--max-failures=1 stops the others, and tells which files failed and which were cancelled', async ({
  project,
  run,
}) => {
  const waits = `
    import { test } from '@playwright/test';
    test('waits', async () => new Promise(() => {}));
  `;
  const files = { ...failing, 'e2e/b.spec.ts': waits };
  const result = await run(await project('mini', { files }), ['--max-failures=1'], { report: 'json' });
  expect(result.exitCode).toBe(1);
  expect(result.output).toContain('FAIL a.spec.ts (1 of 2 tests failed');
  expect(result.output).toContain('CANCELLED b.spec.ts');
  expect(result.output).toContain('4 files: 0 passed, 1 failed, 3 cancelled');
  expect(counts(result)).toMatchObject({ unexpected: 1, expected: 0 });
});

test('--last-failed -x runs what failed', { tag: '@matrix' }, async ({ project, run }) => {
  const mini = await project('mini', { files: failing });
  expect((await run(mini, [])).exitCode).toBe(1);
  const again = await run(mini, ['--last-failed', '-x'], { report: 'json' });
  expect(counts(again)).toMatchObject({ expected: 0, unexpected: 1 });
  expect(again.exitCode).toBe(1);
});

test('--retries, --repeat-each: each attempt begins on a fresh database, that of a replaced worker on the same slot; nothing else is made anew', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const files = {
    'e2e/a.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('fails once', async ({ request }) => {
        expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 2, name: 'mine' });
        expect(test.info().retry).toBe(1);
      });
      test('comes after it', async ({ request }) => expect(await (await request.get('/items')).json()).toHaveLength(1));
    `,
  };
  const args = ['--workers=1', '--retries=1', '--repeat-each=2', 'a.spec.ts'];
  const result = await run(await project('mini', { files }), args, { report: 'json', timeout: 120_000 });
  expect(result.exitCode).toBe(0);
  expect(counts(result)).toMatchObject({ ...all, expected: 2, flaky: 2 });
  const leases = result.events.flatMap((event) => (event.type === 'leased' ? [event] : []));
  expect(new Set(leases.map(({ worker }) => worker)).size).toBe(leases.length);
  expect(leases.length).toBeGreaterThanOrEqual(3);
  expect(leases.map(({ slot, database }) => ({ slot, database }))).toEqual(
    leases.map(() => ({ slot: 0, database: leases[0]?.database })),
  );
  const made = result.events
    .map(({ type }) => type)
    .filter((type) => /^(postgres|template)-ready$|^stack-opened$/.test(type));
  expect(made).toEqual(['postgres-ready', 'template-ready', 'stack-opened']);
});

test('--reporter=dot: without ours everything works; parallel tests are groups of their own, on fresh databases', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const files = {
    'e2e/a.spec.ts': `
      import { expect, test } from '@playwright/test';
      test.describe.configure({ mode: 'parallel' });
      for (const name of ['one', 'two', 'three']) {
        test(name, async ({ request }) => {
          expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 2, name: 'mine' });
        });
      }
    `,
  };
  const result = await run(await project('mini', { files }), ['--workers=2', '--reporter=dot', 'a.spec.ts']);
  expect(result.exitCode).toBe(0);
  expect(result.output).toContain('3 passed');
  expect(result.output).not.toContain('[stacks]');
  expect(leasedDatabases(result).size).toBe(2);
});

test('two projects run on stacks of the same slots', { tag: '@matrix' }, async ({ project, run }) => {
  const mini = await project('mini');
  const config = await mini.read('playwright.config.ts');
  await mini.write(
    'playwright.config.ts',
    config.replace("testDir: 'e2e'", "testDir: 'e2e', projects: [{ name: 'p1' }, { name: 'p2' }]"),
  );
  const result = await run(mini, [], { report: 'json' });
  expect(result.output).toContain('8 files: 8 passed, 0 failed, 0 cancelled');
  expect(result.exitCode).toBe(0);
  expect(counts(result)).toMatchObject({ ...all, expected: 16 });
});
