// Each slot's git worktree: tests and the application write and commit in it, and nothing of it is in the user's repository.
import { documents } from './harness/documents.ts';
import { makeRepository } from './harness/repository.ts';
import { expect, test } from './harness/test.ts';

const tasks = { mayWrite: ['begun/'] };
const documented = documents.flatMap(({ blocks }) => blocks).find(({ file }) => file === 'e2e/commits.spec.js');
/** Four slots that open at once, and tests that wait for each other. */
const timeout = 150_000;

test('four tasks in four worktrees: four successes, no conflict, four branches during the run and no trace after it', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const shop = await project('repository', tasks);
  const repository = await makeRepository(shop);
  await shop.write('tasks/list.txt', 'not committed\n');
  await repository.git('stash');
  await shop.write('tasks/list.txt', 'not committed either\n');
  const before = await repository.snapshot();
  // As a git hook that runs the tests would have it.
  const result = await run(shop, [], { env: { GIT_DIR: '.git', GIT_INDEX_FILE: '.git/index' }, timeout });
  expect(result.output).toContain('4 passed');
  expect(result.exitCode).toBe(0);
  const committed = result.events.flatMap((event) => (event.type === 'committed' ? event.refs : []));
  expect(committed.map((ref) => ref.replace(/stk_[0-9a-f]{10}/, 'stk')).sort()).toEqual(
    [0, 1, 2, 3].map((slot) => `refs/stacks/stk_${slot}/1`),
  );
  expect(result.events.filter(({ type }) => type === 'conflicts')).toEqual([]);
  expect(await repository.snapshot()).toEqual(before);
});

test('two tasks on one file conflict, which is told with slots and file; a failed test has its patch; what is committed is published; what a hook wrote is on a fresh stack, too', async ({
  project,
  run,
}) => {
  const shop = await project('repository', {
    ...tasks,
    files: {
      'e2e/commits.spec.js': documented?.code ?? '',
      'e2e/tasks.spec.ts': `
        import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
        import { expect, test } from 'playwright-stacks';
        for (const task of ['sow', 'water']) {
          test.describe.serial(task, () => {
            test('writes into the list', async ({ request, workspace }) => {
              mkdirSync('begun', { recursive: true });
              writeFileSync('begun/' + task, '');
              await expect.poll(() => readdirSync('begun').length, { timeout: 55_000 }).toBe(2);
              expect((await (await request.get('/folder')).text())).toBe(workspace.path);
              expect(workspace.read('cache/made-by-setup')).toBe('setup');
              await request.post('/task?file=list.txt', { data: task });
            });
          });
        }
        test.describe('in one slot', () => {
          test.describe.configure({ mode: 'default' });
          test('leaves a mess', async ({ workspace, request }) => {
            await request.post('/task?file=mess.txt', { data: 'mess' });
            workspace.write('cache/made-by-setup', 'mess');
            await workspace.git('switch', '--quiet', '--create', 'mess');
            await workspace.git('config', 'user.name', 'mess');
            const tool = await workspace.repository({ files: { a: 'a' }, commits: [{ message: 'one' }, { message: 'two', files: { a: null } }] });
            expect((await tool.git('log', '--format=%s')).stdout).toBe('two\\none');
          });
          test('sees none of it, and fails', async ({ workspace, stack }) => {
            expect(workspace.read('cache/made-by-setup')).toBe('setup');
            expect(workspace.read('cache/started')).toBe('yes');
            expect((await workspace.git('status', '--porcelain', '--branch')).stdout).toBe('## ' + stack.key);
            expect((await workspace.git('log', '-1', '--format=%s by %an')).stdout).toBe('first by Ann');
            expect(existsSync('node_modules') || existsSync(workspace.path + '/node_modules')).toBe(false);
            workspace.write('new.txt', 'new');
            await expect(workspace).toHaveChanged([{ path: 'other.txt', op: 'create' }], { timeout: 1 });
          });
        });
        test.describe('after a hook', () => {
          test.describe.configure({ mode: 'default' });
          test.beforeAll(async ({ workspace }) => workspace.write('of-a-hook', 'hook'));
          test('does what cannot be undone', async ({ db }) => void (await db.query('CREATE TABLE more (id int)')));
          test('finds the hook’s file on a fresh stack', async ({ db, workspace }) => {
            expect((await db.query("SELECT to_regclass('more') AS more")).rows).toEqual([{ more: null }]);
            expect(workspace.read('of-a-hook')).toBe('hook');
          });
        });`,
      'playwright.config.ts': `
        import { defineConfig } from '@playwright/test';
        import { withStacks } from 'playwright-stacks';
        export default withStacks(defineConfig({ testDir: 'e2e', workers: 2, fullyParallel: true, timeout: 60_000 }), {
          server: { command: 'node app.mjs', url: '/healthz', database: 'none' },
          workspace: { setup: 'mkdir -p cache && printf setup >cache/made-by-setup', publish: 'branch' },
        });`,
    },
  });
  const repository = await makeRepository(shop);
  const before = await repository.snapshot();
  const result = await run(shop, [], { report: 'json', timeout });
  expect(result.output).toContain('6 passed');
  expect(result.events.filter(({ type }) => type === 'rewind-impossible')).toMatchObject([{ reason: 'ddl' }]);
  expect(result.output).toContain(
    [
      'the files have not changed as expected (- expected, + is there; 0 as expected):',
      '      - create other.txt',
      '      + create new.txt after "new"',
    ].join('\n'),
  );
  const [conflict] = result.events.filter((event) => event.type === 'conflicts');
  expect(conflict).toMatchObject({ conflicts: [{ files: ['tasks/list.txt'] }] });
  expect(result.output).toMatch(
    /1 conflict between what slots have committed:\n\[stacks\] {3}tasks\/list\.txt: slots [01] and [01]/,
  );
  const [, patch = ''] = /"name":"file changes".*?"body":"(.*?)"/.exec(JSON.stringify(result.report)) ?? [];
  expect(Buffer.from(patch, 'base64').toString()).toContain('--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n');
  const published = result.events.flatMap((event) => (event.type === 'published' ? event.branches : []));
  expect(published).toHaveLength(2);
  const after = await repository.snapshot();
  expect(
    after.branches
      ?.split('\n')
      .map((line) => line.slice(2))
      .sort(),
  ).toEqual(['main', 'other', ...published].sort());
  expect(after).toEqual({ ...before, branches: after.branches, refs: after.refs, objects: after.objects });
});
