// A Django application (Debian's python3-django and python3-psycopg2), whose settings have the database in parts. The
// developer's own database, which a decoy stands for, stays as it is.
import { expect, test } from '../harness/decoy.ts';
import { adopts } from './adopt.ts';

const ofPython = { PATH: `/usr/bin:${process.env.PATH}`, PYTHONDONTWRITEBYTECODE: '1' };

const CONFIG = `import { defineConfig } from '@playwright/test';
import { withStacks } from 'playwright-stacks';

export default withStacks(defineConfig({ testDir: 'e2e', workers: 2 }), {
  database: {
    env: { DB_NAME: '{database}', DB_HOST: '{host}', DB_PORT: '{port}', DB_USER: '{user}', DB_PASSWORD: '{password}' },
    migrate: 'python3 manage.py migrate --noinput',
    seed: 'python3 manage.py loaddata orders',
    inputs: ['shop/**/*.py', 'shop/fixtures/**'],
  },
  server: { command: 'python3 manage.py runserver --noreload {port}', url: '/orders' },
});
`;
const ORDERS = ['--grep=takes an order'];

adopts('Django', {
  fixture: 'django',
  page: 'django',
  env: (url) =>
    Object.entries(partsOf(url))
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  commands: ofPython,
  options: `{
  database: {
    migrate: 'python3 manage.py migrate --noinput',
    seed: 'python3 manage.py loaddata orders',
    inputs: ['shop/migrations/*.py', 'shop/fixtures/**', 'shop/settings.py', 'manage.py'],
  },
  server: { command: 'python3 manage.py runserver --noreload {port}', url: '/orders' },
}`,
});

/** What a developer has in the environment. */
function partsOf(url: string): Record<string, string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const parts = { DB_HOST: hostname, DB_PORT: port, DB_USER: username, DB_PASSWORD: password };
  return { ...parts, DB_NAME: pathname.slice(1) };
}

test('parts of an address are the slot’s, whatever the environment has; migrations, server and tests are on it', async ({
  project,
  run,
  decoy,
}) => {
  const django = await project('django', { files: { 'playwright.config.ts': CONFIG } });
  const { output, exitCode } = await run(django, ORDERS, { env: { ...ofPython, ...partsOf(decoy.url) } });
  expect(output).toContain('4 passed');
  expect(exitCode).toBe(0);
});

test('without `database.env` the environment’s are taken over; without those, nothing begins on another database', async ({
  project,
  run,
  decoy,
}) => {
  const files = { 'playwright.config.ts': CONFIG.replace(/^ {4}env: .*\n/m, '') };
  const django = await project('django', { files });
  const taken = await run(django, ORDERS, { env: { ...ofPython, ...partsOf(decoy.url) } });
  expect(taken.output).toContain('4 passed');

  // Nobody listens there: the settings' own defaults.
  const settings = await django.read('shop/settings.py');
  await django.write('shop/settings.py', settings.replaceAll("'DB_", "'SHOP_").replace("'5432'", "'1'"));
  const wrong = await run(django, [], { env: ofPython });
  expect(wrong.output).toMatch(/COMMAND_FAILED|DATABASE_UNUSED/);
  expect(wrong.output).not.toMatch(/Running \d/);
  expect(wrong.exitCode).toBe(1);
});
