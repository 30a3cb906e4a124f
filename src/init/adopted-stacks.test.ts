// What init makes of stacks whose files say less than others: ES modules, servers built with a fixed port, workers beside them.
import { expect } from '@playwright/test';
import { checkedOptions } from './testing/checked-options.ts';
import { initIn, type Told, type Tree, test } from './testing/tree.ts';

interface Manifest {
  readonly type?: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
}

async function written(
  tree: Tree,
  manifest: Manifest,
  files: Readonly<Record<string, string>>,
  webServer = '',
): Promise<Told & { readonly options: unknown }> {
  const dependencies = { ...manifest.dependencies, '@playwright/test': '*', 'playwright-stacks': '*' };
  tree.write({
    'playwright.config.ts': `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig({ testDir: 'e2e'${webServer} });\n`,
    'package.json': { ...manifest, dependencies },
    ...files,
  });
  const told = await initIn(tree);
  expect(told.code).toBe(0);
  return { ...told, options: checkedOptions(tree.read('playwright.config.ts')) };
}

test('MikroORM: the program for modules up to version 6, and no snapshot beside the migrations for every template', async ({
  tree,
}) => {
  const rows = [
    ['module', '^6.4.0', 'MIKRO_ORM_MIGRATIONS_SNAPSHOT=false npx mikro-orm-esm migration:up', ''],
    ['module', '7.0.1', 'npx mikro-orm migration:up', 'migrations: { snapshot: false }'],
    ['commonjs', '^6.4.0', 'MIKRO_ORM_MIGRATIONS_SNAPSHOT=false npx mikro-orm migration:up', ''],
  ] as const;
  for (const [type, version, migrate, config] of rows) {
    const dependencies = { fastify: '*', '@mikro-orm/postgresql': version, '@mikro-orm/cli': version };
    const { options } = await written(
      tree,
      { type, scripts: { start: 'tsx src/server.ts' }, dependencies },
      { 'src/mikro-orm.config.ts': config, 'src/migrations/1.ts': '' },
    );
    expect(options).toMatchObject({ database: { migrate } });
  }
});

test('Hono built by Vite has the port of its build: slots run the development server', async ({ tree }) => {
  const scripts = { dev: 'vite', build: 'vite build', start: 'node dist/index.js' };
  const dependencies = { hono: '*', '@hono/node-server': '*', '@hono/vite-build': '*', '@hono/vite-dev-server': '*' };
  const command = 'npm run dev -- --port {port} --strictPort';
  for (const webServer of ['', ", webServer: { command: 'npm run dev', url: 'http://localhost:5173/' }"]) {
    const { options, text } = await written(tree, { scripts, dependencies }, {}, webServer);
    expect(options).toMatchObject({ server: { command, url: '/' } });
    expect(text).toContain('Hono: what @hono/vite-build makes listens on the port that it was built with');
  }
});

test('a script that migrates has the folder of the migrations among its inputs, also where it does not name it', async ({
  tree,
}) => {
  const scripts = { start: 'node server.js', 'db:migrate': 'node migrate.js' };
  const { options } = await written(
    tree,
    { scripts, dependencies: { express: '*', pg: '*' } },
    { 'migrate.js': '', 'db/migrations/1.sql': 'CREATE TABLE orders ()' },
  );
  expect(options).toMatchObject({ database: { inputs: ['db/migrations/**', 'migrate.js'] } });
});

test('a queue: what its jobs may do after a test, and the worker that no server starts', async ({ tree }) => {
  const scripts = { start: 'node server.js', worker: 'node worker.js', migrate: 'node migrate.js' };
  const dependencies = { express: '*', 'graphile-worker': '*', pg: '*' };
  const alone = await written(tree, { scripts, dependencies }, { 'migrate.js': '' });
  expect(alone.text).toMatch(/package\.json:\d+: a job of graphile-worker may run when its test is over\./);
  expect(alone.text).toMatch(/package\.json:\d+: no slot runs `worker`: write it as a second server/);

  const both = `, webServer: [{ command: 'npm start', url: 'http://localhost:3000/' }, { command: 'npm run worker', wait: { stdout: /ready/ } }]`;
  const beside = await written(tree, { scripts, dependencies: { ...dependencies, bullmq: '*' } }, {}, both);
  expect(beside.text).not.toContain('no slot runs');
  const shared = await written(tree, { scripts, dependencies: { express: '*', bullmq: '*', pg: '*' } }, {}, both);
  expect(shared.text).toContain('bullmq keeps its jobs in Redis, which all slots share');
});

test('a config that is made is not TypeScript where the build would compile it, too', async ({ tree }) => {
  const dependencies = { '@nestjs/core': '*', '@playwright/test': '*', 'playwright-stacks': '*', typescript: '*' };
  const rows = [
    ['nest build', { 'tsconfig.build.json': '{ "exclude": ["dist"] }' }, 'playwright.config.mjs'],
    ['nest build', { 'tsconfig.json': '{ "include": ["src"] }', 'tsconfig.build.json': '{}' }, 'playwright.config.ts'],
    ['tsc', { 'tsconfig.json': '{ "compilerOptions": {} }' }, 'playwright.config.mjs'],
    ['tsc --noEmit && vite build', { 'tsconfig.json': '{}' }, 'playwright.config.ts'],
  ] as const;
  for (const [build, files, name] of rows) {
    tree.write({ 'package.json': { scripts: { build, start: 'node dist/main' }, dependencies }, ...files });
    expect((await initIn(tree)).code).toBe(0);
    expect(tree.files().filter((file) => file.startsWith('playwright.config'))).toEqual([name]);
    tree.remove([name, 'tsconfig.json', 'tsconfig.build.json']);
  }
});
