// A run with worktrees and a command beside each server, whose tests hold locks, is ended from outside: nothing of it is
// left, the locks are free, the user's repository is as it was, and a worktree that a person has made beside those of the run
// stays, with what is not committed.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { root } from '../harness/home.ts';
import { lockService } from '../harness/lock-service.ts';
import { processesMarked } from '../harness/processes.ts';
import { makeRepository } from '../harness/repository.ts';
import type { Running } from '../harness/test.ts';
import { expect, test } from './row.ts';

const SPEC = `
  import { test } from 'playwright-stacks';
  test('commits, and goes on', async ({ request, workspace, lock }) => {
    await lock('tasks of ' + process.cwd());
    await request.post('/task?file=list.txt', { data: 'a task' });
    workspace.write('not-committed.txt', '');
    await workspace.git('stash', '--include-untracked');
    await new Promise(() => {});
  });
`;
const config = (setup: string) => `
  import { defineConfig } from '@playwright/test';
  import { withStacks } from 'playwright-stacks';
  export default withStacks(defineConfig({ testDir: 'e2e', workers: 2, timeout: 0 }), {
    server: {
      command: 'node app.mjs', url: '/healthz', database: 'none',
      beside: 'trap "" INT TERM; node -e "setInterval(() => {}, 1000)" "beside {pid} of ' + process.cwd() + '"; true',
    },
    workspace: { base: 'working-tree', setup: ${JSON.stringify(setup)} },
  });
`;

const MOMENTS: Readonly<Record<string, { setup: string; reached: (running: Running) => Promise<unknown> }>> = {
  'a worktree is set up': {
    setup: 'sleep 1000',
    reached: (running) => running.waitForEvent(({ type }) => type === 'template-ready', 90_000),
  },
  'a test works in it': {
    setup: 'true',
    reached: (running) => running.waitForEvent(({ type }) => type === 'lock-taken', 90_000),
  },
};
const ENDS: Readonly<Record<string, (running: Running) => void>> = {
  SIGKILL: (running) => running.kill('SIGKILL'),
  SIGINT: (running) => running.kill('SIGINT', 'group'),
};

for (const [moment, { setup, reached }] of Object.entries(MOMENTS)) {
  for (const [end, kill] of Object.entries(ENDS)) {
    test(`${end} while ${moment}`, async ({ row, project, sandbox }) => {
      const files = { 'e2e/tasks.spec.ts': SPEC, 'playwright.config.ts': config(setup) };
      const shop = await project('repository', { files, mayWrite: ['mine/'] });
      const repository = await makeRepository(shop);
      await shop.write('tasks/list.txt', 'not committed\n');
      const running = await row.start(shop, []);
      await reached(running);
      const isServing = moment === 'a test works in it';
      await expect.poll(() => processesMarked([`of ${shop.folder}`]).length > 0).toBe(isServing);
      const { tmp } = sandbox.scope;
      const worktrees = readdirSync(tmp).find((name) => /^stk-[0-9a-f]{10}-ws-/.test(name)) ?? '';
      const mine = path.join(tmp, worktrees, 'mine');
      await repository.git('worktree', 'add', '--quiet', '--detach', mine);
      writeFileSync(path.join(mine, 'work'), 'not committed');
      const before = await repository.snapshot();
      kill(running);
      await running.done;
      const slots = () => readdirSync(path.join(tmp, worktrees)).filter((name) => /^(stk_|repository-)/.test(name));
      await expect.poll(slots, { timeout: 30_000 }).toEqual([]);
      expect(existsSync(path.join(mine, 'work'))).toBe(true);
      expect(await isFree(`tasks of ${shop.folder}`)).toBe(true);
      await expect.poll(lockService, { timeout: 15_000 }).not.toBe('idle');
      expect(await repository.snapshot()).toEqual(before);
      await repository.git('worktree', 'remove', '--force', mine);
      rmSync(path.join(tmp, worktrees), { recursive: true });
      await row.over(running);
    });
  }
}

/** Whether a test of another run has it at once. The lock service is a program of the built package. */
async function isFree(name: string): Promise<boolean> {
  const program = `
    const { Locks } = await import(${JSON.stringify(path.join(root, 'dist/locks/locks.js'))});
    const owner = new Locks().ownerOf({ run: 'another', root: '/', title: 'asks', pid: process.pid });
    await owner.take(${JSON.stringify(name)}, { timeout: 2_000 });
    process.exit(0);`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return true;
}
