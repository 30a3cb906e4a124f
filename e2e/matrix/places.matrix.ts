// Ways to install the package and to lay out a project.
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { npmEnv } from '../harness/env.ts';
import { beside, withInstallation } from '../harness/installation.ts';
import { passesIn } from '../harness/passes-in.ts';
import { listFiles } from '../harness/project.ts';
import { expect, test } from '../harness/test.ts';

const passes = /8 passed/;

test.describe('modules', () => {
  test('ES modules, TypeScript config', ({ home }) =>
    withInstallation('esm', beside(home), async (installation) => {
      await passesIn(installation);
    }));

  test('CommonJS, JavaScript config', ({ home }) =>
    withInstallation('cjs', beside(home), async ({ sandbox }) => {
      const files = { 'package.json': '{ "private": true }', 'playwright.config.js': commonJS };
      const mini = await sandbox.project('mini', { files });
      const running = await sandbox.start(mini, [], { command: ['test', '-c', 'playwright.config.js'] });
      expect((await running.done).output).toMatch(passes);
    }));
});

test.describe('layout', () => {
  test('a path with spaces and umlauts', ({ home }) =>
    withInstallation('Zwölf schöne Läufe', beside(home), async (installation) => {
      await passesIn(installation);
    }));

  test('a monorepo, the config in a sub-folder', ({ home }) =>
    withInstallation('monorepo', beside(home), async ({ sandbox }) => {
      const mini = await sandbox.project('mini');
      const files = await Promise.all(
        listFiles(mini.folder).map(async (file) => [`packages/web/${file}`, await mini.read(file)] as const),
      );
      const monorepo = await sandbox.project('plain', {
        files: Object.fromEntries(files),
        mayWrite: ['packages/web/test-results/'],
      });
      const running = await sandbox.start(monorepo, [], { command: ['test', '-c', 'packages/web'] });
      const { output } = await running.done;
      expect(output).toMatch(passes);
    }));

  test('pnpm', ({ home }) =>
    withInstallation(
      'pnpm',
      (folder) => installWithPnpm(folder, home),
      async (installation) => {
        await passesIn(installation);
      },
    ));
});

test.describe('a checkout', () => {
  test('npm install --install-links', ({ home }) =>
    withInstallation('copy', beside(home, '--install-links', checkout(home)), async (installation) => {
      await passesIn(installation);
    }));

  test('npm link is refused by Playwright', ({ home }) =>
    withInstallation(
      'link',
      async (folder) => {
        await beside(home)(folder);
        const link = path.join(folder, 'node_modules/playwright-stacks');
        await rm(link, { recursive: true });
        await symlink(checkout(home), link);
      },
      async ({ sandbox }) => {
        const running = await sandbox.start(await sandbox.project('mini'), []);
        expect((await running.done).output).toContain('Requiring @playwright/test second time');
      },
    ));
});

const commonJS = `
  const { defineConfig } = require('@playwright/test');
  const { withStacks } = require('playwright-stacks');
  module.exports = withStacks(defineConfig({ testDir: 'e2e', workers: 2 }), {
    database: { migrate: 'node sql.mjs migrations', seed: 'node sql.mjs seed', inputs: ['migrations/**', 'seed/**'] },
    server: { command: 'node app.mjs', url: '/healthz' },
  });
`;

/** The package as it stands in its repository: built, with all that its development needs. */
function checkout(home: string): string {
  return path.join(home, 'package');
}

/** Only what the project itself names is in its `node_modules`; Postgres comes with our package. */
async function installWithPnpm(folder: string, home: string): Promise<void> {
  const installed: Manifest = JSON.parse(await readFile(path.join(home, 'package.json'), 'utf8'));
  const { '@playwright/test': playwright, pg } = installed.dependencies;
  const tarball = (await readdir(checkout(home))).find((name) => name.endsWith('.tgz')) ?? '';
  const dependencies = {
    '@playwright/test': playwright,
    pg,
    'playwright-stacks': `file:${path.join(checkout(home), tarball)}`,
  };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }));
  const pnpm = ['exec', '--yes', 'pnpm@10', '--', 'install', '--prefer-offline', '--store-dir', '.store'];
  await execa('npm', pnpm, { cwd: folder, env: npmEnv(), extendEnv: false, timeout: 240_000 });
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}
