// A Next.js application (App Router, Drizzle): pages that are rendered while building, anew after a while, and from the
// data cache. The developer's database, which .env names and a decoy stands for, stays as it is.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { test as base, expect } from '../harness/decoy.ts';
import { npmEnv } from '../harness/env.ts';
import { root } from '../harness/home.ts';
import type { Project } from '../harness/test.ts';

const run = promisify(execFile);
/** The browser that the harness has found. */
const BROWSER = `use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] } }`;
const env = { NEXT_TELEMETRY_DISABLED: '1' };

const test = base.extend<{ nextjs: () => Promise<Project> }, { installed: string }>({
  installed: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
    async ({}, use) => {
      const folder = await mkdtemp('/tmp/e2e-nextjs-');
      await cp(path.join(root, 'fixtures/nextjs/package.json'), path.join(folder, 'package.json'));
      const options = ['--no-audit', '--no-fund', '--prefer-offline'];
      await run('npm', ['install', ...options], { cwd: folder, env: npmEnv(), timeout: 240_000 });
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 260_000 },
  ],
  // As it is in a developer's folder, with what is installed there.
  nextjs: async ({ project, decoy, installed }, use) => {
    await use(async () => {
      const mayWrite = ['.next/', 'node_modules/', 'next-env.d.ts'];
      const nextjs = await project('nextjs', { mayWrite, files: { '.env': `DATABASE_URL=${decoy.url}\n` } });
      await run('cp', ['-al', path.join(installed, 'node_modules'), nextjs.folder]);
      await nextjs.write('package-lock.json', await readFile(path.join(installed, 'package-lock.json'), 'utf8'));
      const config = await nextjs.read('playwright.config.ts');
      await nextjs.write('playwright.config.ts', config.replace('workers: 2', `workers: 2, ${BROWSER}`));
      return nextjs;
    });
  },
});

const READ_BY_ALL = `server: { command: 'npm start -- -p {port}', url: '/items' },`;
/** Next.js compiles beside other work. */
const PATIENT = ['--timeout=120000'];
const runs = { env, timeout: 280_000 };

test('`next dev` of two workers in one folder is refused before anything is made, with the way out', async ({
  nextjs,
  run: playwright,
}) => {
  const project = await nextjs();
  const dev = `server: { command: 'npm run dev -- -p {port}', url: '/items' },`;
  await withServer(project, dev);
  const refused = await playwright(project, PATIENT, runs);
  expect(refused.output).toContain('runs `next dev`, of which one folder has only one at a time, and 2 workers need 2');
  expect(refused.events).toEqual([]);
  expect(refused.exitCode).toBe(1);

  const copied = dev.replace(' },', `, copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, reset: '/reset' },`);
  await withServer(project, copied);
  const { output, exitCode } = await playwright(project, PATIENT, runs);
  expect(output).toContain('6 passed');
  expect(exitCode).toBe(0);
});

test('without `build` and `copy` static pages are the developer’s, slots share the others, and lines say so', async ({
  nextjs,
  run: playwright,
}) => {
  const project = await nextjs();
  await run('npm', ['run', 'build'], { cwd: project.folder, env: { ...npmEnv(), ...env }, timeout: 240_000 });
  await withServer(project, READ_BY_ALL);
  const { output, exitCode } = await playwright(project, PATIENT, runs);
  expect(output).toContain(
    'for all slots in one folder: pages that are rendered anew and cached data are written into',
  );
  expect(output).toContain('static pages have the rows of the database that it was built with');
  expect(output).toContain('"of the developer"');
  expect(output).toContain('6 failed');
  expect(exitCode).toBe(1);
});

test('with `build`, a copy of .next and a reset every page shows its slot’s rows, also after a rewind', async ({
  nextjs,
  run: playwright,
}) => {
  const project = await nextjs();
  const requests: string[] = [];
  const developer = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('of the developer');
  }).listen(0, 'localhost');
  await once(developer, 'listening');
  const address = developer.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const config = await project.read('playwright.config.ts');
  await project.write('playwright.config.ts', config.replace("'/items'", `'http://localhost:${port}/items'`));
  for (const build of [/\[stacks\] build: \d+ ms\n/, /\[stacks\] build: nothing has changed/]) {
    const { output, exitCode } = await playwright(project, PATIENT, runs);
    expect(output).toMatch(build);
    expect(output).toContain('6 passed');
    expect(exitCode).toBe(0);
  }
  developer.close();
  expect(requests).toEqual([]);

  // What was rendered from rows that are rewound stays, in memory and in .next.
  const text = await project.read('playwright.config.ts');
  await project.write('playwright.config.ts', text.replace(/^ +reset: .*\n/m, ''));
  const stale = await playwright(project, ['e2e/a.spec.ts', ...PATIENT], runs);
  expect(stale.output).toContain('"of a"');
  expect(stale.output).toMatch(/[12] failed/);
  expect(stale.exitCode).toBe(1);

  // An application that is not to have a route for tests.
  const restarted = text.replace("reset: '/reset'", "restart: 'test'");
  await project.write(
    'playwright.config.ts',
    restarted.replace("copy: ['.next']", "copy: [{ path: '.next', reset: 'test' }]"),
  );
  const fresh = await playwright(project, ['e2e/a.spec.ts', ...PATIENT], runs);
  expect(fresh.output).toContain('3 passed');
  expect(fresh.exitCode).toBe(0);
});

/** The config with another server, and without `build`. */
async function withServer(project: Project, server: string): Promise<void> {
  const config = await project.read('playwright.config.ts');
  const replaced = config.replace(/^ {2}server: (?:\{\n[\s\S]*?\n {2}\},|.*)$/m, `  ${server}`);
  await project.write('playwright.config.ts', replaced.replace(/^ {2}build: \{\n[\s\S]*?\n {2}\},\n/m, ''));
}
