// What init makes of configs whose parts are written elsewhere, and of files that only look like what it looks for.
import { expect } from '@playwright/test';
import { applied, diffOf } from './edit/edits.ts';
import { initIn, test } from './testing/tree.ts';

const ALL = { '@playwright/test': '*', 'playwright-stacks': '*' };
const MANIFEST = { scripts: { start: 'node server.js' }, devDependencies: ALL };

test('a webServer that may come from elsewhere is adopted, and nothing is guessed from scripts', async ({ tree }) => {
  const server = `{ command: 'PORT=3000 npm start', url: 'http://localhost:3000' }`;
  const rows = [
    `import base from './base';\nexport default { ...base, workers: 2 };\n`,
    `import base from './base';\nexport default defineConfig(base, { workers: 2 });\n`,
    `export default defineConfig({ ...(process.env.CI ? {} : { webServer: ${server} }) });\n`,
    `const config = { testDir: 'e2e' };\nif (!process.env.BASE) config.webServer = ${server};\nexport default config;\n`,
    `const config = { testDir: 'e2e' };\nObject.assign(config, { webServer: ${server} });\nexport default config;\n`,
    `function make() { return { webServer: ${server} }; }\nexport default make('x');\n`,
    `export default (() => ({ webServer: ${server} }))();\n`,
    `import p from 'node:path';\nexport default { webServer: { command: 'PORT=3000 npm start', cwd: p.join('a'), url: 'http://localhost:3000' } };\n`,
    `const rest = {};\nexport default { webServer: { command: 'PORT=3000 npm start', ...rest } };\n`,
  ];
  for (const text of rows) {
    tree.write({ 'package.json': MANIFEST, 'playwright.config.ts': text });
    const { text: said } = await initIn(tree);
    const written = tree.read('playwright.config.ts');
    expect(written).toContain('withStacks(');
    expect(written).not.toMatch(/server:|\{port\}/);
    expect(said).toContain('its webServer is computed, and adopted as it is at run time');
  }
  tree.write({
    'playwright.config.ts': `import base from './base';\nexport default { ...base, webServer: ${server} };\n`,
  });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain(`server: { command: 'PORT={port} npm start', url: '/' }`);
});

test('a require is put above what needs it; a type alone is no withStacks()', async ({ tree }) => {
  const later = `module.exports = { testDir: 'e2e' };\nconst path = require('path');\n`;
  tree.write({ 'package.json': MANIFEST, 'playwright.config.js': later });
  await initIn(tree);
  expect(tree.read('playwright.config.js')).toMatch(
    /^const \{ withStacks \} = require\('playwright-stacks'\);\n\nmodule\.exports = withStacks\(/,
  );
  for (const used of [
    `const stacks = require('playwright-stacks').withStacks;\nmodule.exports = stacks({}, {});\n`,
    `module.exports = require('playwright-stacks').withStacks({}, {});\n`,
  ]) {
    tree.write({ 'playwright.config.js': used });
    expect((await initIn(tree)).text).toContain('has withStacks() already');
  }
  for (const type of [`import type { StacksOptions }`, `import { type StacksOptions }`]) {
    tree.write({ 'playwright.config.ts': `${type} from 'playwright-stacks';\nexport default {} as StacksOptions;\n` });
    await initIn(tree);
    expect(tree.read('playwright.config.ts')).toContain('export default withStacks({} as StacksOptions, {');
  }
});

test('the difference is that of the text, whatever characters it has', () => {
  const text = `// 🎭🎭🎭🎭🎭🎭🎭🎭\nconst a = 1;\nb();\n`;
  const edits = [{ start: text.indexOf('b()'), end: text.indexOf('b()') + 3, text: 'c()' }];
  expect(applied(text, edits)).toContain('\nc();\n');
  expect(diffOf('a.ts', text, edits)).toBe(`--- a.ts\n+++ a.ts\n // 🎭🎭🎭🎭🎭🎭🎭🎭\n const a = 1;\n-b();\n+c();\n`);
});

test('a variable of another scheme, a comment and an exporter are not Postgres', async ({ tree }) => {
  tree.write({
    'package.json': MANIFEST,
    'playwright.config.ts': 'export default {};\n',
    '.env': 'DB_URL=mongodb://localhost/app\n',
    'src/db.js': 'connect(process.env.DB_URL);\n',
    'compose.yaml': 'services:\n  a:\n    image: prom/postgres-exporter:v1\n  b:\n    image: postgrest/postgrest:v12\n',
  });
  const { text } = await initIn(tree);
  expect(tree.read('playwright.config.ts')).not.toContain('database');
  expect(text).not.toMatch(/reads DB_URL|exporter|postgrest/);

  tree.write({
    'playwright.config.ts': 'export default {};\n',
    'db/migrations/1.sql': `-- migrate:up\n-- CREATE EXTENSION IF NOT EXISTS postgis;\n/* CREATE EXTENSION IF NOT EXISTS cube; */\nCREATE EXTENSION IF NOT EXISTS citext;\n`,
    'db/migrations/2.rb': `# enable_extension 'hstore'\n`,
  });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain(`extensions: ['citext']`);
});
