// Playwright's own flags on a suite with stacks: exit codes, counts, and nothing left (every e2e test checks that).
import { expect, type RunResult, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const counts = ({ report }: RunResult) => report && { ...report.stats, startTime: undefined, duration: undefined };
const all = { expected: 8, unexpected: 0, flaky: 0, skipped: 0 };
const opened = ({ events }: RunResult) => events.filter((event) => event.type === 'stack-opened' && !event.again);
const leasedDatabases = ({ events }: RunResult) =>
  new Set(events.flatMap((event) => (event.type === 'leased' ? [event.database] : [])));

test('--workers=1: every file sees only its own data', async ({ project, run }) => {
  const result = await run(await project('mini'), ['--workers=1'], { report: 'json' });
  expect(result.output).toContain('4 files: 4 passed, 0 failed, 0 cancelled');
  expect(result.exitCode).toBe(0);
  expect(counts(result)).toMatchObject(all);
  expect(opened(result)).toHaveLength(1);
  expect(leasedDatabases(result).size).toBe(1);
});

test('-g and a single file run what they name, on as many stacks as that can use', async ({ project, run }) => {
  const mini = await project('mini');
  const grep = await run(mini, ['-g', 'sees only'], { report: 'json' });
  expect(counts(grep)).toMatchObject({ ...all, expected: 4 });
  expect(grep.exitCode).toBe(0);
  const file = await run(mini, ['e2e/b.spec.ts'], { report: 'json' });
  expect(counts(file)).toMatchObject({ ...all, expected: 2 });
  expect(file.exitCode).toBe(0);
  expect(opened(file)).toHaveLength(1);
});

test('--list provisions nothing', async ({ project, run }) => {
  const result = await run(await project('mini'), ['--list']);
  expect(result.exitCode).toBe(0);
  expect(result.output).toContain('Total: 8 tests in 4 files');
  expect(result.events).toEqual([]);
});

test('-g that matches nothing fails as it does without stacks', async ({ project, run }) => {
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

test('--repeat-each=3 begins each repetition on a fresh database', async ({ project, run }) => {
  const result = await run(await project('mini'), ['--repeat-each=3', 'a.spec.ts'], { report: 'json' });
  expect(result.exitCode).toBe(0);
  expect(counts(result)).toMatchObject({ ...all, expected: 6 });
});

test('--retries=1: the second attempt begins on a fresh database', async ({ project, run }) => {
  const files = {
    'e2e/a.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('fails once', async ({ request }) => {
        expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 2, name: 'mine' });
        expect(test.info().retry).toBe(1);
      });
    `,
  };
  const result = await run(await project('mini', { files }), ['--retries=1', 'a.spec.ts'], { report: 'json' });
  expect(result.exitCode).toBe(0);
  expect(counts(result)).toMatchObject({ ...all, expected: 0, flaky: 1 });
});

test('a failing test’s replacement worker leases the same slot; pool and template are not touched', async ({
  project,
  run,
}) => {
  const result = await run(await project('mini', { files: failing }), ['--workers=1', 'a.spec.ts']);
  expect(result.exitCode).toBe(1);
  const leases = result.events.flatMap((event) => (event.type === 'leased' ? [event] : []));
  expect(leases).toHaveLength(2);
  const [first, second] = leases;
  expect(second).toMatchObject({ slot: first?.slot, database: first?.database });
  expect(second?.worker).not.toBe(first?.worker);
  expect(result.events.filter(({ type }) => type === 'postgres-ready')).toHaveLength(1);
  expect(result.events.filter(({ type }) => type === 'template-ready')).toHaveLength(1);
});

test('fullyParallel: every test is a group of its own, on a fresh database', async ({ project, run }) => {
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
  const result = await run(await project('mini', { files }), ['--workers=2', 'a.spec.ts'], { report: 'json' });
  expect(result.output).toContain('3 passed');
  expect(result.exitCode).toBe(0);
});

test('--reporter=dot: without ours, everything works', async ({ project, run }) => {
  const result = await run(await project('mini'), ['--reporter=dot']);
  expect(result.exitCode).toBe(0);
  expect(result.output).toContain('8 passed');
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
