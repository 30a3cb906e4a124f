// What init makes of a webServer that runs another language's server.
import { expect } from '@playwright/test';
import { checkedOptions } from './testing/checked-options.ts';
import { initIn, type Tree, test } from './testing/tree.ts';

const DJANGO = {
  'manage.py': `os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n`,
  'shop/settings.py': `DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql'}}`,
  'shop/migrations/0001_initial.py': '',
  'shop/fixtures/orders.json': '[]',
};
const RAILS = {
  Gemfile: `gem 'rails', '~> 8.0'\n`,
  'config/database.yml': 'default:\n  adapter: postgresql\n',
  'db/migrate/1_a.rb': '',
};

async function written(tree: Tree, command: string, files: Readonly<Record<string, string>>): Promise<unknown> {
  const config = `{ testDir: 'e2e', webServer: { command: ${JSON.stringify(command)}, url: 'http://localhost:3000/' } }`;
  tree.write({
    'playwright.config.ts': `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig(${config});\n`,
    'package.json': { dependencies: { '@playwright/test': '*', 'playwright-stacks': '*' } },
    ...files,
  });
  expect((await initIn(tree)).code).toBe(0);
  return checkedOptions(tree.read('playwright.config.ts'));
}

test('Django: what comes before runserver is done once, runserver has no reloader, and what loaddata reads counts', async ({
  tree,
}) => {
  const chain = 'python3 manage.py migrate && python3 manage.py loaddata orders && python3 manage.py runserver 3000';
  expect(await written(tree, chain, DJANGO)).toEqual({
    database: {
      migrate: 'python3 manage.py migrate',
      seed: 'python3 manage.py loaddata orders',
      inputs: ['shop/migrations/*.py', 'shop/fixtures/**', 'shop/settings.py', 'manage.py'],
    },
    server: { command: 'python3 manage.py runserver --noreload {port}', url: '/' },
  });
});

test('a server of another language has its port where its slots have theirs', async ({ tree }) => {
  const rows = [
    [DJANGO, 'uv run python manage.py runserver 0.0.0.0:3000', 'uv run python manage.py runserver --noreload {port}'],
    [DJANGO, 'python manage.py runserver', 'python manage.py runserver --noreload {port}'],
    [
      DJANGO,
      'python manage.py runserver -v 2 3000 --verbosity 0',
      'python manage.py runserver --noreload -v 2 --verbosity 0 {port}',
    ],
    [
      DJANGO,
      'python manage.py runserver --insecure localhost:3000 --noreload',
      'python manage.py runserver --noreload --insecure {port}',
    ],
    [DJANGO, 'gunicorn shop.wsgi -b :3000', 'gunicorn shop.wsgi -b :{port}'],
    [DJANGO, 'uvicorn shop.asgi:application --port 3000', 'uvicorn shop.asgi:application --port {port}'],
    [RAILS, 'bin/rails server', 'PIDFILE=tmp/pids/server-{port}.pid bin/rails server -p {port}'],
    [
      RAILS,
      'RAILS_ENV=test bundle exec rails s -b 127.0.0.1 -p 3000 -P tmp/e2e.pid',
      'PIDFILE=tmp/pids/server-{port}.pid RAILS_ENV=test bundle exec rails s -b 127.0.0.1 -p {port}',
    ],
  ] as const;
  for (const [files, command, server] of rows) {
    expect(await written(tree, command, files)).toMatchObject({ server: { command: server } });
    tree.remove(['manage.py', 'Gemfile']);
  }
});

test('what a shell would have to understand is left as it is', async ({ tree }) => {
  for (const command of ['python manage.py runserver > server.log', 'cd web && bin/rails server']) {
    expect(await written(tree, command, command.startsWith('cd') ? RAILS : DJANGO)).not.toHaveProperty('server');
    tree.remove(['manage.py', 'Gemfile']);
  }
});
