// `init --yes` on a project that nobody has prepared (Express, Knex), and its own suite afterwards: green on four workers,
// while the developer's database, which .env names and a decoy stands for, stays as it is.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mergeTests } from '@playwright/test';
import { test as withCli } from '../harness/cli.ts';
import { expect, test as withDecoy } from '../harness/decoy.ts';
import { npmEnv } from '../harness/env.ts';

const test = mergeTests(withCli, withDecoy);
const run = promisify(execFile);
const BEFORE = `export default defineConfig({
  testDir: 'e2e',
  fullyParallel: true,
  workers: 1, // the tests share one database
  use: { baseURL: 'http://localhost:3000' },
  webServer: {
    command: 'npm run db:migrate && PORT=3000 npm start',
    url: 'http://localhost:3000/health', // answers when it is ready
    reuseExistingServer: !process.env.CI,
  },
});
`;

test('after `init --yes` an untouched project is isolated, and run again it changes nothing', async ({
  project,
  cli,
  decoy,
  run: playwright,
}) => {
  const mayWrite = ['node_modules/', 'package.json', 'package-lock.json'];
  const env = `SHOP_DB_URL=${decoy.url}\nAPP_URL=http://localhost:3000\n`;
  const shop = await project('express-knex', { mayWrite, files: { '.env': env } });
  const { folder } = shop;
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder, env: npmEnv() });
  // What is installed in the folder above.
  const manifest = JSON.parse(await shop.read('package.json'));
  const devDependencies = { '@playwright/test': '*', 'playwright-stacks': '*' };
  await shop.write('package.json', JSON.stringify({ ...manifest, devDependencies }));

  const dry = await cli(['init', '--dry-run'], { cwd: folder });
  expect((await dry.exit).exitCode).toBe(0);
  expect(await shop.read('playwright.config.ts')).toContain(BEFORE);

  const first = await cli(['init', '--yes'], { cwd: folder });
  const { exitCode } = await first.exit;
  expect(first.stderr()).toBe('');
  expect(first.stdout()).not.toContain(new URL(decoy.url).password);
  expect(first.stdout()).toContain('ok    server "web"');
  expect(first.stdout()).toMatch(/Isolated\. Now run: npx playwright test --workers=4\n$/);
  expect(exitCode).toBe(0);
  const written = await shop.read('playwright.config.ts');
  expect(written).toBe(`import { defineConfig } from '@playwright/test';
import { withStacks } from 'playwright-stacks';

${BEFORE.replace('default defineConfig(', 'default withStacks(defineConfig(').replace(
  /\}\);\n$/,
  `}), {
  database: {
    migrate: 'npm run db:migrate',
    seed: 'npm run db:seed',
    inputs: ['migrations/**', 'seeds/**', 'knexfile.js'],
    extensions: ['citext'],
  },
  server: {
    command: 'PORT={port} npm start',
    url: '/health',
    env: { APP_URL: 'http://localhost:{port}' },
  },
});
`,
)}`);
  for (let n = 0; n < 2; n += 1) {
    const { output, exitCode: code } = await playwright(shop, ['--workers=4']);
    expect(output).toContain('12 passed');
    expect(code).toBe(0);
  }

  const again = await cli(['init', '--yes'], { cwd: folder });
  expect((await again.exit).exitCode).toBe(0);
  expect(again.stdout()).toBe('playwright.config.ts has withStacks() already: nothing to do.\n');
  expect(await shop.read('playwright.config.ts')).toBe(written);
});
