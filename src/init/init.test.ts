// What init does with projects that are not as it would like them, and what it leaves of them.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { initIn, test } from './testing/tree.ts';
import { writeAll } from './write.ts';

const CONFIG = `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig({ testDir: 'e2e' });\n`;
const ALL = { '@playwright/test': '*', 'playwright-stacks': '*' };
const MANIFEST = { scripts: { start: 'node server.js', migrate: 'node migrate.js' }, devDependencies: ALL };

test('run again, init changes nothing', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG });
  const first = await initIn(tree);
  const text = tree.read('playwright.config.ts');
  expect(text).toContain("migrate: 'npm run migrate'");
  expect(first.looked).toEqual([['--app', '--config=playwright.config.ts']]);
  const second = await initIn(tree);
  expect(second).toEqual({
    code: 0,
    text: 'playwright.config.ts has withStacks() already: nothing to do.',
    looked: [],
  });
  expect(tree.read('playwright.config.ts')).toBe(text);
  expect(tree.files()).toEqual(['package.json', 'playwright.config.ts']);
});

test('a dry run shows what it would write and run, and does neither', async ({ tree }) => {
  tree.write({ 'package.json': { scripts: MANIFEST.scripts }, 'playwright.config.ts': CONFIG, 'yarn.lock': '' });
  const { code, text, looked } = await initIn(tree, { writes: 'never' });
  expect(text).toContain("+import { withStacks } from 'playwright-stacks';\n");
  expect(text).toContain('To be run: yarn add --dev @playwright/test playwright-stacks (yarn.lock)');
  expect({ code, looked, config: tree.read('playwright.config.ts') }).toEqual({ code: 0, looked: [], config: CONFIG });
});

test('without a yes nothing is written, and without another no command of the project runs', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG });
  for (const answer of [false, undefined]) {
    const { code, text } = await initIn(tree, { answers: [answer as boolean] });
    expect({ code, config: tree.read('playwright.config.ts') }).toEqual({ code: 1, config: CONFIG });
    expect(text).toMatch(/Write this\?\nNothing was changed\.$/);
  }
  const { code, text, looked } = await initIn(tree, { answers: [true, false] });
  expect({ code, looked }).toEqual({ code: 0, looked: [] });
  expect(text).toMatch(
    /Written\. Look at the application with `npx playwright-stacks doctor --app`, then run `npx playwright test --workers=4`\.$/,
  );
});

test('a config in a folder of its own runs the commands where the application is', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'migrate.js': '', 'e2e/playwright.config.ts': CONFIG });
  const { looked, text } = await initIn(tree);
  expect(tree.read('e2e/playwright.config.ts')).toContain(`withStacks(defineConfig({ testDir: 'e2e' }), {
  database: { migrate: 'cd .. && npm run migrate', inputs: ['../migrate.js'] },
  server: { command: 'npm start', cwd: '..', url: '/' },
});
`);
  expect(looked).toEqual([['--app', '--config=e2e/playwright.config.ts']]);
  expect(text).toContain('npx playwright test --config=e2e/playwright.config.ts --workers=4');
});

test('of several configs one is named or chosen', async ({ tree }) => {
  for (const name of ['apps/admin', 'apps/shop']) {
    tree.write({ [`${name}/package.json`]: MANIFEST, [`${name}/playwright.config.ts`]: CONFIG });
  }
  tree.write({ 'package.json': { workspaces: ['apps/*'] }, 'node_modules/x/playwright.config.ts': CONFIG });
  await expect(initIn(tree)).rejects.toThrow(`there are 2 Playwright configs; nothing was changed. Name one:
  npx playwright-stacks init --config apps/admin/playwright.config.ts
  npx playwright-stacks init --config apps/shop/playwright.config.ts`);
  await initIn(tree, { config: 'apps/shop' });
  expect(tree.read('apps/shop/playwright.config.ts')).toContain('withStacks(');
  expect(tree.read('apps/admin/playwright.config.ts')).toBe(CONFIG);
  await initIn(tree, { answers: [0, true, false] });
  expect(tree.read('apps/admin/playwright.config.ts')).toContain('withStacks(');
  await expect(initIn(tree, { config: 'apps/none' })).rejects.toThrow(
    'there is no Playwright config at apps/none: nothing was changed.',
  );
});

test('without Playwright a config and a first test are made, in the language of the project', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'tsconfig.json': '{}' });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toBe(`import { defineConfig } from '@playwright/test';
import { withStacks } from 'playwright-stacks';

export default withStacks(defineConfig({ testDir: 'e2e', workers: 4 }), {
  database: { migrate: 'npm run migrate' },
  server: { command: 'npm start', url: '/' },
});
`);
  expect(tree.read('e2e/answers.spec.ts')).toContain("request.get('/')");
});

test('where nothing is, nothing is made', async ({ tree }) => {
  tree.write({ 'docs/README.md': '' });
  const { code, text } = await initIn(tree);
  expect(code).toBe(1);
  expect(text).toContain(
    'There is no Playwright config here, and nothing that starts an application: nothing was changed.',
  );
  expect(tree.files()).toEqual(['docs/README.md']);
});

test('of two tools that migrate one is chosen, or a script says which; nobody is guessed for', async ({ tree }) => {
  const files = {
    'package.json': { ...MANIFEST, scripts: { start: 'node server.js' } },
    'playwright.config.ts': CONFIG,
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'knexfile.js': `module.exports = { client: 'pg' };`,
  };
  tree.write(files);
  const { code, text } = await initIn(tree);
  expect({ code, config: tree.read('playwright.config.ts') }).toEqual({ code: 1, config: CONFIG });
  expect(
    text,
  ).toBe(`Two tools may migrate the database; nothing was changed. Run init in a terminal to choose, or write one in database.migrate:
  Prisma (prisma/schema.prisma:1): npx prisma db push
  Knex (knexfile.js:1): npx knex migrate:latest`);
  await initIn(tree, { answers: [1, true, false] });
  expect(tree.read('playwright.config.ts')).toContain("migrate: 'npx knex migrate:latest'");
  tree.write({
    ...files,
    'package.json': { ...MANIFEST, scripts: { start: 'node server.js', up: 'knex migrate:latest' } },
  });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain("migrate: 'npm run up'");
});

test('without a database in sight, or with another product, only what is known is written', async ({ tree }) => {
  tree.write({
    'package.json': { scripts: { start: 'node server.js' }, devDependencies: ALL },
    'playwright.config.ts': CONFIG,
  });
  const none = await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain(`{
  server: { command: 'npm start', url: '/' },
});`);
  expect(none.text).toContain("no database was found. If the application has one: database: { migrate: '…'");
  tree.write({
    'playwright.config.ts': CONFIG,
    'prisma/schema.prisma': 'datasource db {\n  provider = "sqlite"\n}\n',
    'prisma/migrations/1/migration.sql': 'CREATE EXTENSION IF NOT EXISTS citext',
  });
  const sqlite = await initIn(tree);
  expect(tree.read('playwright.config.ts')).not.toContain('database');
  expect(sqlite.text).toContain('prisma/schema.prisma:1: Prisma is for sqlite; only Postgres is isolated');
});

test('a config that is not understood is left as it is, with the text to paste', async ({ tree }) => {
  const text = `export { default } from './base.config';\n`;
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': text });
  const found = await initIn(tree);
  expect(found).toMatchObject({ code: 1, looked: [] });
  expect(tree.read('playwright.config.ts')).toBe(text);
  expect(
    found.text,
  ).toContain(`playwright.config.ts is not edited: its default export is that of another file. Write there:

import { withStacks } from 'playwright-stacks'; // or: const { withStacks } = require('playwright-stacks');

export default withStacks(config, {
  database: { migrate: 'npm run migrate' },
  server: { command: 'npm start', url: '/' },
}); // config: what the file exports now`);
});

test('with --agent the page for coding agents is written as a skill, whose links lead to the package', async ({
  tree,
}) => {
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG });
  const skill = '.claude/skills/playwright-stacks/SKILL.md';
  const { text } = await initIn(tree, { skill: 'written' });
  expect(text).toContain(`For coding agents: ${skill}`);
  const links = [...tree.read(skill).matchAll(/\]\(([^)#]*)/g)].map(([, link = '']) => link);
  expect(links).toContain('node_modules/playwright-stacks/docs/errors.md');
  const page = (link: string) => new URL(link.replace('node_modules/playwright-stacks', '../..'), import.meta.url);
  expect(links.filter((link) => !existsSync(page(link)))).toEqual([]);
  expect(tree.read(skill)).toMatch(
    /^---\nname: playwright-stacks\ndescription: .+\n---\n\n# For coding agents and scripts\n/,
  );
  const again = await initIn(tree, { skill: 'written' });
  expect(again.text).toBe('playwright.config.ts has withStacks() already: nothing to do.');
  tree.write({ [skill]: 'of somebody else' });
  const other = await initIn(tree, { skill: 'written' });
  expect(other.text).toContain(`${skill} is another, and stays.`);
  expect(tree.read(skill)).toBe('of somebody else');
});

test('an edit that would not be right is not made', async ({ tree }) => {
  const text = `const withStacks = 1;\nexport default {};\n`;
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': text });
  const found = await initIn(tree);
  expect([found.code, tree.read('playwright.config.ts')]).toEqual([1, text]);
  expect(found.text).toContain('playwright.config.ts is not edited: what would be written is not right. Write there:');
});

test('no file of the project is executed, and none is waited for', async ({ tree }) => {
  const trap = `require('fs').writeFileSync('${tree.folder}/trapped.txt', '');`;
  tree.write({
    'package.json': MANIFEST,
    'playwright.config.js': `${trap}\nmodule.exports = {};\n`,
    'knexfile.js': `${trap}\nmodule.exports = { client: 'pg' };`,
    'next.config.js': trap,
  });
  mkdirSync(join(tree.folder, 'prisma'));
  execFileSync('mkfifo', [
    join(tree.folder, 'prisma/schema.prisma'),
    join(tree.folder, 'drizzle.config.ts'),
    join(tree.folder, '.env'),
  ]);
  writeFileSync(join(tree.folder, 'data-source.ts'), 'x'.repeat(2 ** 20));
  symlinkSync('.', join(tree.folder, 'around'));
  expect((await initIn(tree)).code).toBe(0);
  expect(tree.files()).not.toContain('trapped.txt');
});

test('a byte order mark, line ends, the mode and a link stay; a link to elsewhere is not followed', async ({
  tree,
}) => {
  const mark = '\uFEFF';
  tree.write({
    'package.json': `${mark}${JSON.stringify(MANIFEST)}`,
    'configs/e2e.ts': mark + CONFIG.replaceAll('\n', '\r\n'),
  });
  execFileSync('chmod', ['640', join(tree.folder, 'configs/e2e.ts')]);
  symlinkSync('configs/e2e.ts', join(tree.folder, 'playwright.config.ts'));
  await initIn(tree);
  const text = tree.read('configs/e2e.ts');
  expect(text.startsWith(`${mark}import`)).toBe(true);
  expect(text.replaceAll('\r\n', '')).not.toContain('\n');
  expect(text.split(mark)).toHaveLength(2);
  expect(statSync(join(tree.folder, 'configs/e2e.ts')).mode & 0o777).toBe(0o640);
  expect(lstatSync(join(tree.folder, 'playwright.config.ts')).isSymbolicLink()).toBe(true);

  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  writeFileSync(join(elsewhere, 'a.ts'), CONFIG);
  rmSync(join(tree.folder, 'playwright.config.ts'));
  symlinkSync(join(elsewhere, 'a.ts'), join(tree.folder, 'playwright.config.ts'));
  await expect(initIn(tree)).rejects.toThrow(
    'playwright.config.ts is a link to a file outside of this folder: nothing was changed.',
  );
  rmSync(elsewhere, { recursive: true });
});

test('changes that are not committed are said, and stay', async ({ tree }) => {
  rmSync(join(tree.folder, '.git'), { recursive: true });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: tree.folder });
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'all');
  expect((await initIn(tree, { writes: 'never' })).text).not.toContain('not committed');
  tree.write({ 'playwright.config.ts': `${CONFIG}// mine\n` });
  const { text } = await initIn(tree);
  expect(text).toContain('playwright.config.ts has changes that are not committed: those stay, beside what is added.');
  expect(tree.read('playwright.config.ts')).toMatch(/\n\/\/ mine\n$/);
});

test('where the registry does not answer, nothing is changed @matrix', async ({ tree }) => {
  const manifest = JSON.stringify({ name: 'shop', scripts: MANIFEST.scripts });
  const closed = createServer().listen(0);
  const address = closed.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await new Promise((resolve) => closed.close(resolve));
  const npmrc = `registry=http://127.0.0.1:${port}/\nfetch-retries=0\ncache=${join(tree.folder, 'cache')}\n`;
  tree.write({ 'package.json': manifest, 'playwright.config.ts': CONFIG, '.npmrc': npmrc });
  await expect(initIn(tree)).rejects.toThrow(
    /^`npm install --save-dev @playwright\/test playwright-stacks` failed: the registry did not answer\. Nothing was changed; run it, and then init again\.\n {2}\|/,
  );
  expect([tree.read('package.json'), tree.read('playwright.config.ts')]).toEqual([manifest, CONFIG]);
});

test('where the package manager fails or is missing, its files are put back and nothing is written', async ({
  tree,
}) => {
  const manifest = JSON.stringify({ name: 'shop', scripts: MANIFEST.scripts });
  tree.write({
    ...{ 'package.json': manifest, 'playwright.config.ts': CONFIG, 'bun.lock': 'as it was' },
    'bin/bun': `#!/bin/sh\necho '{}' > package.json\necho half > bun.lock\necho no such version >&2\nexit 3\n`,
  });
  chmodSync(join(tree.folder, 'bin/bun'), 0o755);
  const path = process.env.PATH;
  try {
    process.env.PATH = `${join(tree.folder, 'bin')}:${path}`;
    await expect(initIn(tree)).rejects.toThrow(
      '`bun add --dev @playwright/test playwright-stacks` failed: it ended with 3. Nothing was changed; run it, and then init again.\n  | no such version',
    );
    process.env.PATH = '/nowhere';
    await expect(initIn(tree)).rejects.toThrow(
      '`bun add --dev @playwright/test playwright-stacks` failed: there is no bun.',
    );
  } finally {
    process.env.PATH = path;
  }
  expect([tree.read('package.json'), tree.read('bun.lock'), tree.read('playwright.config.ts')]).toEqual([
    manifest,
    'as it was',
    CONFIG,
  ]);
});

test('a package.json that cannot be read ends it before anything is looked at', async ({ tree }) => {
  tree.write({ 'package.json': '{ "scripts": ', 'playwright.config.ts': CONFIG });
  await expect(initIn(tree)).rejects.toThrow('package.json is not valid JSON: nothing was changed.');
});

test('a file that is not what it should be ends it with a sentence', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts/a.txt': '', 'latin.config.js': '' });
  writeFileSync(join(tree.folder, 'latin.config.js'), Buffer.from([0x2f, 0x2f, 0xfc, 0x0a]));
  await expect(initIn(tree, { config: 'latin.config.js' })).rejects.toThrow(
    'latin.config.js is not encoded in UTF-8: nothing was changed.',
  );
  tree.write({ 'a.config.ts': CONFIG, '.claude/skills/playwright-stacks/SKILL.md/a.txt': '' });
  await expect(initIn(tree, { config: 'a.config.ts', skill: 'written' })).rejects.toThrow(
    'SKILL.md is a folder, and not a file: nothing was changed.',
  );
  tree.remove(['playwright.config.ts', '.claude', 'a.config.ts', 'latin.config.js']);
  symlinkSync('nowhere.ts', join(tree.folder, 'playwright.config.ts'));
  await expect(initIn(tree)).rejects.toThrow(
    'playwright.config.ts is not there, or is a link to nothing: nothing was changed.',
  );
  tree.remove(['playwright.config.ts']);
  symlinkSync('playwright-b.config.ts', join(tree.folder, 'playwright-b.config.ts'));
  await expect(initIn(tree, { answers: [0] })).rejects.toThrow(
    'playwright-b.config.ts is a link that leads to itself: nothing was changed.',
  );
});

test('where one file cannot be written, those before it are as they were', async ({ tree }) => {
  tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG });
  const written = { path: join(tree.folder, 'playwright.config.ts'), content: 'new', before: CONFIG };
  const made = { path: join(tree.folder, 'made.ts'), content: 'new', before: undefined };
  const impossible = { path: join(tree.folder, 'package.json/x.ts'), content: '', before: undefined };
  expect(() => writeAll([written, made, impossible])).toThrow(
    /[\s\S]*playwright\.config\.ts was written, and is as it was\nmade\.ts was made, and is removed again$/,
  );
  expect(tree.read('playwright.config.ts')).toBe(CONFIG);
  expect(existsSync(made.path)).toBe(false);
});

test('git starts no program that its configuration names', async ({ tree }) => {
  rmSync(join(tree.folder, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q'], { cwd: tree.folder });
  tree.write({
    ...{ 'package.json': MANIFEST, 'playwright.config.ts': CONFIG },
    'watch.sh': `#!/bin/sh\ntouch ${tree.folder}/trapped.txt\n`,
  });
  chmodSync(join(tree.folder, 'watch.sh'), 0o755);
  execFileSync('git', ['config', 'core.fsmonitor', join(tree.folder, 'watch.sh')], { cwd: tree.folder });
  expect((await initIn(tree)).text).toContain('not committed');
  expect(tree.files()).not.toContain('trapped.txt');
});
