// The `test` of e2e specs: projects from fixtures/, runs of them, and a look for leaks after each.
import { test as base } from '@playwright/test';
import { findBrowser } from '../../fixtures/browser.mjs';
import { type ExistingServer, startExistingServer } from './existing-server.ts';
import { takeHome } from './home.ts';
import type { Watched } from './leaks.ts';
import type { Project, ProjectOptions } from './project.ts';
import { RUN_TIMEOUT, type Running, type RunOptions, type RunResult } from './run.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

export { expect } from '@playwright/test';
export type { ExistingServer } from './existing-server.ts';
export type { Project } from './project.ts';
export type { Running, RunOptions, RunResult } from './run.ts';

export interface TestFixtures {
  /** Copies `fixtures/<name>`, with `files` over it; `{{nonce}}` is filled in. */
  readonly project: (name: string, options?: ProjectOptions) => Promise<Project>;
  /** Runs Playwright in the project until it ends. */
  readonly run: (project: Project, args?: readonly string[], options?: RunOptions) => Promise<RunResult>;
  /** Starts Playwright in the project. */
  readonly start: (project: Project, args?: readonly string[], options?: RunOptions) => Promise<Running>;
  /** `expectLeak(/pattern/)`: this is meant to be left. Also the scope that the leak check looks at. */
  readonly sandbox: Sandbox;
  /**
   * `'shared'`: projects whose inputs are equal start from one cached template, as a user's second run does.
   * `'fresh'` (default), where templates, kills or existing servers are the subject: no run finds another's template.
   */
  readonly templates: 'shared' | 'fresh';
}

export interface WorkerFixtures {
  /** The folder where the packed package is installed. */
  readonly home: string;
  /** A Postgres server that others use as well; what a test leaves on it is a leak. */
  readonly existingServer: ExistingServer;
  readonly watched: Watched[];
}

const HOME_TIMEOUT = 200_000;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  home: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
    async ({}, use) => {
      const browser = findBrowser();
      if (browser?.kind === 'system') process.env.CHROMIUM_PATH = browser.path;
      const home = await takeHome();
      await use(home.folder);
      await home.release();
    },
    { scope: 'worker', timeout: HOME_TIMEOUT },
  ],
  watched: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
    async ({}, use) => {
      await use([]);
    },
    { scope: 'worker' },
  ],
  existingServer: [
    async ({ home, watched }, use) => {
      const server = await startExistingServer(home);
      watched.push(server.watched);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  templates: ['fresh', { option: true }],
  sandbox: [
    async ({ home, watched }, use) => {
      const sandbox = await openSandbox(home, watched);
      await use(sandbox);
      await sandbox.close();
    },
    { auto: true, timeout: 60_000 },
  ],
  project: async ({ sandbox, templates }, use) => {
    const shared = templates === 'shared' ? { seedNonce: 'shared' } : {};
    await use((name, options) => sandbox.project(name, { ...shared, ...options }));
  },
  start: async ({ sandbox }, use, testInfo) => {
    await use((project, args = [], options = {}) => {
      // A run is bounded by itself, with a message of its own: it must come first.
      testInfo.setTimeout(testInfo.timeout + (options.timeout ?? RUN_TIMEOUT));
      return sandbox.start(project, args, options);
    });
  },
  run: async ({ start }, use) => {
    await use(async (project, args, options) => (await start(project, args, options)).done);
  },
});
