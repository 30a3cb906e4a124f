// Nuxt and Astro, two servers of each in one checkout, on a newer Node than ours: development servers and built ones. The
// developer's database, which .env names and a decoy stands for, stays as it is.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { configText, only } from '../harness/config-text.ts';
import { test as base, expect } from '../harness/decoy.ts';
import { npmEnv } from '../harness/env.ts';
import type { Project } from '../harness/test.ts';

const run = promisify(execFile);
const NODE = `node-${process.platform}-${process.arch}`;
/** Each beside `pg`, and the Node that they need. */
const PACKAGES = {
  nuxt: ['nuxt@^4.5.0', 'vue@^3.5.0', 'vue-router@latest'],
  astro: ['astro@^7.3.0', '@astrojs/node@latest'],
};
type Framework = keyof typeof PACKAGES;

interface Application {
  readonly project: Project;
  /** Playwright's, with the newer Node. */
  readonly options: { readonly node: string; readonly env: Record<string, string>; readonly timeout: number };
}

const test = base.extend<
  { application: (framework: Framework, files: Readonly<Record<string, string>>) => Promise<Application> },
  { installed: (framework: Framework) => Promise<string> }
>({
  installed: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
    async ({}, use) => {
      const parent = await mkdtemp('/tmp/e2e-frameworks-');
      await use(async (framework) => {
        const folder = path.join(parent, framework);
        await mkdir(folder);
        await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
        const packages = [...PACKAGES[framework], 'pg@8', `${NODE}@22`];
        const options = ['--no-audit', '--no-fund', '--prefer-offline'];
        await run('npm', ['install', ...options, ...packages], { cwd: folder, env: npmEnv(), timeout: 240_000 });
        return folder;
      });
      await rm(parent, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  // As it is in a developer's folder.
  application: async ({ project, decoy, installed }, use) => {
    await use(async (framework, files) => {
      const source = await installed(framework);
      const env = { '.env': `DATABASE_URL=${decoy.url}\n` };
      const mayWrite = ['node_modules/', '.nuxt/', '.output/', '.data/', '.astro/', 'dist/'];
      const made = await project('mini', { mayWrite, files: { ...only(''), ...SPECS, ...env, ...files } });
      await run('cp', ['-al', path.join(source, 'node_modules'), made.folder]);
      const bin = path.join(source, 'node_modules', NODE, 'bin');
      const quiet = { NUXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1', NODE_DISABLE_COMPILE_CACHE: '1' };
      const variables = { ...quiet, PATH: `${bin}:${npmEnv().PATH}` };
      return { project: made, options: { node: path.join(bin, 'node'), env: variables, timeout: 280_000 } };
    });
  },
});

const SPEC = (name: string) => `
  import { expect, test } from '@playwright/test';
  test.setTimeout(120_000);
  test('adds to what is seeded', async ({ request }) => {
    const names = async () => (await request.get('/api/items')).json();
    expect(await names()).toEqual(['seeded']);
    await request.post('/api/items', { data: { name: '${name}' } });
    expect(await names()).toEqual(['seeded', '${name}']);
  });
  test('finds only what is seeded', async ({ request }) => {
    expect(await (await request.get('/api/items')).json()).toEqual(['seeded']);
  });`;
const SPECS = { 'e2e/a.spec.ts': SPEC('of a'), 'e2e/b.spec.ts': SPEC('of b') };

const LIST = `(await pool.query('SELECT name FROM items ORDER BY id')).rows.map(({ name }) => name)`;
const ADD = (name: string) => `pool.query('INSERT INTO items (name) VALUES ($1)', [${name}])`;

const NUXT = {
  'nuxt.config.ts': `export default defineNuxtConfig({
    compatibilityDate: '2026-01-01', devtools: { enabled: false },
    runtimeConfig: { databaseUrl: process.env.DATABASE_URL },
  });`,
  'app/app.vue': '<template><p>items</p></template>',
  'server/utils/pool.ts': `import pg from 'pg';
    let pool: pg.Pool | undefined;
    export const usePool = () => (pool ??= new pg.Pool({ connectionString: useRuntimeConfig().databaseUrl }));`,
  'server/api/items.get.ts': `export default defineEventHandler(async () => { const pool = usePool(); return ${LIST}; });`,
  'server/api/items.post.ts': `export default defineEventHandler(async (event) => {
    const { name } = await readBody(event);
    await ${ADD('name').replace('pool', 'usePool()')};
    return {};
  });`,
};

test('Nuxt: what the build has put into `runtimeConfig` is the slot’s, built and with two `nuxt dev`', async ({
  application,
  run: playwright,
}) => {
  const { project, options } = await application('nuxt', NUXT);
  const built = { command: 'node .output/server/index.mjs', url: '/api/items' };
  await configure(project, built, `build: 'npx nuxt build',`);
  const first = await playwright(project, [], options);
  expect(first.output).toMatch(/build: .*\.output\/server\/\S+ names the database that it was built on/);
  expect(first.output).toContain('4 passed');
  expect(first.exitCode).toBe(0);

  await configure(project, { command: 'npx nuxt dev --port {port}', url: '/api/items', timeout: 120_000 });
  const second = await playwright(project, [], options);
  expect(second.output).toContain('4 passed');
  expect(second.exitCode).toBe(0);
});

const ASTRO = {
  'astro.config.mjs': `import node from '@astrojs/node'; import { defineConfig } from 'astro/config';
    export default defineConfig({ output: 'server', adapter: node({ mode: 'standalone' }), security: { checkOrigin: false } });`,
  'src/pages/api/items.ts': `import pg from 'pg';
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
    export const GET = async () => new Response(JSON.stringify(${LIST}));
    export const POST = async ({ request }) => { await ${ADD('(await request.json()).name')}; return new Response(); };`,
};

test('Astro: a second server in one folder is refused before anything is made, with the command that has none locked out', async ({
  application,
  run: playwright,
}) => {
  const { project, options } = await application('astro', ASTRO);
  const dev = { command: 'npx astro dev --port {port}', url: '/api/items', timeout: 120_000 };
  await configure(project, dev);
  const refused = await playwright(project, [], options);
  const unlocked = `${dev.command} --ignore-lock`;
  expect(refused.output).toContain(
    `\`server.command\` runs Astro, which locks its folder, and 2 workers need 2. Use: command: '${unlocked}'`,
  );
  expect(refused.events).toEqual([]);
  expect(refused.exitCode).toBe(1);

  await configure(project, { ...dev, command: unlocked });
  const side = await playwright(project, [], options);
  expect(side.output).toContain('4 passed');
  expect(side.exitCode).toBe(0);

  const built = { command: 'node dist/server/entry.mjs', url: '/api/items' };
  await configure(project, built, `build: 'npx astro build',`);
  const passed = await playwright(project, [], options);
  expect(passed.output).toContain('4 passed');
  expect(passed.output).not.toContain('names the database');

  // A build that takes the address with it: the line says which file of it.
  const page = await project.read('src/pages/api/items.ts');
  await project.write('src/pages/api/items.ts', page.replace('process.env', 'import.meta.env'));
  const inlined = await playwright(project, [], options);
  expect(inlined.output).toMatch(/build: .*dist\/server\/\S+ names the database that it was built on/);
  expect(inlined.exitCode).toBe(1);
});

/** What a server leaves in its temporary folder when it is ended is its own. */
async function configure(project: Project, server: object, options = ''): Promise<void> {
  const env = { TMPDIR: path.join(project.folder, 'node_modules/.tmp') };
  await mkdir(env.TMPDIR, { recursive: true });
  const source = JSON.stringify({ ...server, env });
  await project.write('playwright.config.ts', configText({ server: source, options }));
}
