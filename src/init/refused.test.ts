// What init leaves alone, and says: commands that may reach another database than a slot's.
import { expect } from '@playwright/test';
import { initIn, test } from './testing/tree.ts';

const ALL = { '@playwright/test': '*', 'playwright-stacks': '*' };
const SERVED = `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig({\n  webServer: { command: 'PORT=3000 npm start', url: 'http://localhost:3000' },\n});\n`;
const PRISMA = {
  'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
  'prisma/migrations/1/migration.sql': '',
};
const manifest = (scripts: object, dependencies: object = {}) => ({ scripts, dependencies, devDependencies: ALL });

test('a script that speaks of production, a container or another machine is not used, and is said', async ({
  tree,
}) => {
  const rows = [
    ['migrate:prod', 'prisma migrate deploy', 'prod'],
    ['db:migrate', 'DATABASE_URL=$(heroku config:get DATABASE_URL -a shop) prisma migrate deploy', 'heroku'],
    ['db:migrate', 'dotenv -o -e .env.production -- prisma migrate deploy', 'production'],
    ['db:migrate', 'DATABASE_URL=$LIVE_DATABASE_URL prisma migrate deploy', 'LIVE'],
    ['db:migrate', 'DATABASE_URL=postgres://localhost/shop prisma migrate deploy', 'postgres://'],
    ['db:migrate', 'DATABASE_URL=`cat url` prisma migrate deploy', '`'],
    ['db:migrate', 'DATABASE_URL=$URL prisma migrate deploy', 'DATABASE_URL='],
    ['db:migrate', 'docker compose exec api npx prisma migrate deploy', 'docker'],
    ['db:migrate', 'npm run inside', 'kubectl'],
    ['db:migrate', 'NODE_ENV=production prisma migrate deploy', 'production'],
    ['migrateStaging', 'prisma migrate deploy', 'Staging'],
  ] as const;
  for (const [name, script, says] of rows) {
    const scripts = { start: 'node server.js', inside: 'kubectl exec api -- ./migrate', [name]: script };
    tree.write({ 'package.json': manifest(scripts), 'playwright.config.ts': SERVED, ...PRISMA });
    const { text } = await initIn(tree);
    expect(tree.read('playwright.config.ts')).toContain("migrate: 'npx prisma migrate deploy'");
    expect(text).toContain(`package.json:5: the script ${name} is not used: it says \`${says}\`, and may reach`);
  }
});

test('a server in a container is not started, and what is built for production is', async ({ tree }) => {
  tree.write({ 'package.json': manifest({ start: 'docker compose up' }) });
  const none = await initIn(tree);
  expect(none).toMatchObject({ code: 1, looked: [] });
  expect(none.text).toContain('the script start is not used: it says `docker`');
  expect(tree.files()).toEqual(['package.json']);

  tree.write({ 'playwright.config.ts': SERVED });
  const started = await initIn(tree);
  expect(started).toMatchObject({ code: 0, looked: [] });
  expect(started.text).toContain('playwright.config.ts: its webServer says `docker`: slots need a server');
  expect(started.text).toMatch(/Written\. No slot is opened: /);

  const scripts = { build: 'ng build --configuration production', start: 'NODE_ENV=production node dist/main.js' };
  tree.write({ 'package.json': manifest(scripts), 'playwright.config.ts': 'export default {};\n' });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain(
    `{\n  build: 'npm run build',\n  server: { command: 'npm start', url: '/' },\n}`,
  );
});

test('steps of a webServer that speak of another place stay where they are', async ({ tree }) => {
  const scripts = { start: 'node server.js', migrate: 'ssh db ./migrate' };
  const chained = SERVED.replace('PORT=3000 npm start', 'npm run migrate && node server.js');
  tree.write({ 'package.json': manifest(scripts), 'playwright.config.ts': chained });
  const { looked, text } = await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain('}), {});');
  expect(looked).toEqual([]);
  expect(text).toContain('its webServer says `ssh`');
});

test('where the database is of another product, nothing migrates and nothing seeds', async ({ tree }) => {
  const rows = [
    [{ knex: '*', mysql2: '*' }, { 'knexfile.js': `module.exports = { client: 'mysql2' };` }, 'Knex is for mysql2'],
    [{ mongoose: '*' }, {}, 'the database is MongoDB; only Postgres is isolated'],
    [{ typeorm: '*', sqlite3: '*' }, {}, 'the database is SQLite; only Postgres is isolated'],
  ] as const;
  const scripts = { start: 'node server.js', migrate: 'node m.js', seed: 'node s.js' };
  const chained = SERVED.replace('PORT', 'npm run migrate && PORT');
  for (const [dependencies, files, said] of rows) {
    tree.remove(['knexfile.js']);
    tree.write({ 'package.json': manifest(scripts, dependencies), 'playwright.config.ts': chained, ...files });
    const { text } = await initIn(tree);
    expect(tree.read('playwright.config.ts')).toContain(
      `}), {\n  server: { command: 'npm run migrate && PORT={port} npm start', url: '/' },\n});`,
    );
    expect(text).toContain(said);
  }
});

test("the config that is edited is Playwright's own of a folder, or one that is named, and slots open with it", async ({
  tree,
}) => {
  tree.write({
    'package.json': manifest({ start: 'node server.js' }),
    'playwright.e2e.config.ts': SERVED,
    'playwright-ct.config.ts': SERVED.replace('@playwright/test', '@playwright/experimental-ct-react'),
  });
  await expect(initIn(tree)).rejects.toThrow(
    'there is no playwright.config.ts, which Playwright takes by itself; nothing was changed. Name one:\n  npx playwright-stacks init --config playwright-ct.config.ts\n  npx playwright-stacks init --config playwright.e2e.config.ts',
  );
  const named = await initIn(tree, { config: 'playwright.e2e.config.ts' });
  expect(named.looked).toEqual([['--app', '--config=playwright.e2e.config.ts']]);
  expect(named.text).toContain('Now run: npx playwright test --config=playwright.e2e.config.ts --workers=4');
  const components = await initIn(tree, { config: 'playwright-ct.config.ts', writes: 'never' });
  expect(components.text).toContain('playwright-ct.config.ts is for tests of components');

  tree.write({ 'playwright.config.js': SERVED, 'playwright.config.cts': SERVED, 'playwright.config.mts': SERVED });
  await initIn(tree, { config: '.' });
  expect(tree.read('playwright.config.js')).toContain('withStacks');
  tree.write({ 'playwright.config.ts': SERVED });
  await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain('withStacks');
  expect(tree.read('playwright.config.mts') + tree.read('playwright.config.cts')).not.toContain('withStacks');
});
