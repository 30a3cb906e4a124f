// The projects of the rounds: a victim that writes and is rewound in two workers, and a bystander that looks at its own
// database again and again until it is told to stop.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { configText, miniDatabase } from '../harness/config-text.ts';
import type { Project } from '../harness/project.ts';
import { type GitRepository, makeRepository } from '../harness/repository.ts';
import type { RunOptions, RunResult } from '../harness/run.ts';
import type { Sandbox } from '../harness/sandbox.ts';
import { until } from '../harness/until.ts';

export const SERVERS = ['embedded', 'existing'] as const;
export type ServerKind = (typeof SERVERS)[number];

const writes = `
  import { expect, test } from '@playwright/test';
  for (let number = 0; number < 40; number += 1) {
    test('adds an item, time ' + number, async ({ request }) => {
      await request.post('/items', { data: 'x' });
      expect(await (await request.get('/items')).json()).toHaveLength(2);
    });
  }
`;
const looks = `
  import { existsSync, writeFileSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  test('is alone', async ({ request }) => {
    test.setTimeout(0);
    await request.post('/items', { data: 'mine' });
    const before = await (await request.get('/whoami')).json();
    writeFileSync('began', '');
    while (!existsSync('stop')) {
      expect(await (await request.get('/items')).json()).toHaveLength(2);
      expect(await (await request.get('/whoami')).json()).toEqual(before);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
`;

const works = `
  import { expect, test } from 'playwright-stacks';
  for (let number = 0; number < 40; number += 1) {
    test('adds a task, time ' + number, async ({ request, workspace, lock }) => {
      await using _ = await lock('tasks of ' + process.cwd());
      expect(workspace.read('tasks/list.txt')).not.toContain('a task');
      await request.post('/task?file=list.txt', { data: 'a task' });
      workspace.write('not-committed.txt', '');
    });
  }
`;

/** How many tests a victim has, in its two files. */
export const TESTS = 80;

/**
 * @param leaves its seed and a server leave daemons, where the environment asks for it
 * @param restart `'test'`: its servers are new for every test, and boot ahead
 */
export function makeProject(
  sandbox: Sandbox,
  kind: ServerKind,
  leaves: 'daemons' | 'nothing' = 'nothing',
  restart: 'never' | 'test' = 'never',
): Promise<Project> {
  const daemon = '[ -z "$DAEMONS" ] || setsid --fork sleep 1000';
  const own = leaves === 'daemons' ? miniDatabase.replace('sql.mjs seed', `sql.mjs seed; ${daemon}`) : miniDatabase;
  const database = kind === 'existing' ? `url: process.env.TEST_URL, ${own}` : own;
  const ahead = restart === 'test' ? ", restart: 'test', spares: 2" : '';
  const server =
    leaves === 'daemons' ? `{ command: '${daemon}; exec node app.mjs', url: '/healthz'${ahead} }` : undefined;
  const files = {
    'playwright.config.ts': configText({ database, config: "reporter: 'line',", ...(server && { server }) }),
    ...{ 'e2e/a.spec.ts': writes, 'e2e/b.spec.ts': writes, 'e2e/c.spec.ts': looks, 'e2e/d.spec.ts': '' },
  };
  return sandbox.project('mini', { files, mayWrite: ['began', 'stop', 'cache/'] });
}

/** Its tests work in worktrees, and hold a lock while they do. */
export async function makeWorkspaceProject(sandbox: Sandbox): Promise<{ project: Project; repository: GitRepository }> {
  const options = `{
    server: { command: 'node app.mjs', url: '/healthz', database: 'none' },
    workspace: { base: 'working-tree' },
  }`;
  const files = {
    'playwright.config.ts': `
      import { defineConfig } from '@playwright/test';
      import { withStacks } from 'playwright-stacks';
      export default withStacks(defineConfig({ testDir: 'e2e', workers: 2, timeout: 20_000, reporter: 'line' }), ${options});`,
    ...{ 'e2e/a.spec.ts': works, 'e2e/b.spec.ts': works, 'e2e/d.spec.ts': '', 'e2e/tasks.spec.ts': '' },
  };
  const project = await sandbox.project('repository', { files });
  const repository = await makeRepository(project);
  await project.write('tasks/list.txt', 'not committed\n');
  return { project, repository };
}

/** Another fingerprint: the next run migrates. */
export async function change(project: Project): Promise<void> {
  await appendFile(path.join(project.folder, 'sql.mjs'), `// ${randomBytes(4).toString('hex')}\n`);
}

/** In a project of their own, beside a folder for temporary files that all may use, as another user of the machine. */
export async function startOtherUser(sandbox: Sandbox, tmp: string, url: string): Promise<Bystander> {
  const project = await makeProject(sandbox, 'embedded');
  await execa('chown', ['-R', `${DAEMON}:${DAEMON}`, project.folder]);
  const through = ['setpriv', `--reuid=${DAEMON}`, `--regid=${DAEMON}`, '--clear-groups'];
  const { folder } = project;
  const own = { HOME: folder, TMPDIR: tmp, PWTEST_CACHE_DIR: path.join(folder, 'cache') };
  return startBystander(sandbox, project, url, {
    through,
    env: { ...own, STACKS_CACHE: undefined, STACKS_EVENTS: undefined },
  });
}

const DAEMON = 1;

export interface Bystander {
  readonly ended: () => boolean;
  readonly output: () => string;
  /** Says how it ended. */
  readonly stop: () => Promise<RunResult>;
}

/** In a project of its own. */
export async function makeBystander(sandbox: Sandbox, kind: ServerKind, url: string): Promise<Bystander> {
  return startBystander(sandbox, await makeProject(sandbox, kind), url);
}

export async function startBystander(
  sandbox: Sandbox,
  project: Project,
  url: string,
  options: RunOptions = {},
): Promise<Bystander> {
  await Promise.all(['stop', 'began'].map((file) => rm(path.join(project.folder, file), { force: true })));
  const all = { ...options, env: { TEST_URL: url, ...options.env }, timeout: 7_200_000 };
  const running = await sandbox.start(project, ['c.spec', '--workers=1', '--output=test-results/other'], all);
  const has = () => existsSync(path.join(project.folder, 'began')) || undefined;
  await until(has, { timeout: 300_000, gaveUp: running.ended, message: (why) => `${why}:\n${running.output()}` });
  return {
    ended: running.ended,
    output: running.output,
    stop: async () => {
      await project.write('stop', '');
      return running.done;
    },
  };
}
