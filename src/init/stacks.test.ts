// What init writes for the stacks that it knows: each is a small project with the files that such a project has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { LocalPostgres } from '../extensions/local-postgres.ts';
import { checkedOptions } from './testing/checked-options.ts';
import { initIn, type Tree, test } from './testing/tree.ts';

const CONFIG = `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig({ testDir: 'e2e' });\n`;

type Files = Readonly<Record<string, string | object>>;

function manifest(scripts: object, ...dependencies: string[]): object {
  const names = [...dependencies, '@playwright/test', 'playwright-stacks'];
  return { scripts, dependencies: Object.fromEntries(names.map((name) => [name, '*'])) };
}

/** The options that it writes, and what it says. */
async function written(
  tree: Tree,
  files: Files,
  local: readonly LocalPostgres[] = [],
): Promise<{ options: unknown; text: string }> {
  tree.write({ 'playwright.config.ts': CONFIG, 'package-lock.json': '{}', ...files });
  const { code, text } = await initIn(tree, { local });
  expect(code).toBe(0);
  return { options: checkedOptions(tree.read('playwright.config.ts')), text };
}

test('Express with Knex: scripts, folders of the knexfile, the variable that it reads, an extension, the server', async ({
  tree,
}) => {
  const { options, text } = await written(tree, {
    'package.json': manifest(
      { start: 'node server.js', 'db:migrate': 'knex migrate:latest', 'db:seed': 'knex seed:run' },
      'express',
      'knex',
    ),
    'knexfile.js': `// client: 'mysql'\nmodule.exports = {\n  client: 'pg',\n  connection: process.env.SHOP_DB_URL,\n  migrations: { directory: './db/migrations' },\n  seeds: { directory: './db/seeds' },\n};\n`,
    'db/migrations/1.js': `exports.up = (knex) => knex.raw('CREATE EXTENSION IF NOT EXISTS "pg_trgm"');`,
    'db/seeds/1.js': '',
    'server.js': `require('./knexfile');`,
    'playwright.config.ts': `import { defineConfig } from '@playwright/test';\n\nexport default defineConfig({\n  workers: 1,\n  webServer: { command: 'npm run db:migrate && PORT=3000 npm start', url: 'http://localhost:3000/health', timeout: 5_000 },\n});\n`,
    '.env': 'APP_URL=http://localhost:3000\nSECRET=hunter2\n',
  });
  expect(options).toEqual({
    database: {
      migrate: 'npm run db:migrate',
      seed: 'npm run db:seed',
      inputs: ['db/migrations/**', 'db/seeds/**', 'knexfile.js'],
      extensions: ['pg_trgm'],
      env: 'SHOP_DB_URL',
    },
    server: {
      command: 'PORT={port} npm start',
      url: '/health',
      env: { APP_URL: 'http://localhost:{port}' },
      timeout: 5_000,
    },
  });
  // The page shows what it prints.
  const page = readFileSync(new URL('../../docs/init.md', import.meta.url), 'utf8');
  expect(text).toContain(/```text\n(.*?)```/s.exec(page)?.[1]);
  expect(text).not.toContain('hunter2');
});

test('Prisma: `migrate deploy`, not `dev`; the seed and the variables of its config; pnpm', async ({ tree }) => {
  const { options } = await written(tree, {
    'package.json': {
      ...manifest({ migrate: 'prisma migrate dev', start: 'node server.mjs' }, 'prisma', 'fastify'),
      packageManager: 'pnpm@10.0.0',
    },
    'prisma.config.ts': `import { defineConfig, env } from 'prisma/config';\nexport default defineConfig({\n  schema: 'prisma/schema.prisma',\n  migrations: { path: 'prisma/migrations', seed: 'tsx prisma/seed.ts' },\n  datasource: { url: env('POSTGRES_URL'), shadowDatabaseUrl: env('SHADOW_DATABASE_URL') },\n});\n`,
    'prisma/schema.prisma':
      'generator client {\n  provider = "prisma-client"\n}\ndatasource db {\n  provider   = "postgresql"\n  extensions = [pgvector(map: "vector"), citext]\n}\n',
    'prisma/migrations/1/migration.sql': 'CREATE EXTENSION IF NOT EXISTS "vector";\nCREATE EXTENSION unaccent;',
    'prisma/seed.ts': '',
  });
  expect(options).toEqual({
    database: {
      migrate: 'pnpm exec prisma migrate deploy',
      seed: 'pnpm exec prisma db seed',
      inputs: ['prisma/schema.prisma', 'prisma/migrations/**', 'prisma.config.ts', 'prisma/seed.ts'],
      extensions: ['vector', 'citext'],
      env: ['POSTGRES_URL', 'SHADOW_DATABASE_URL'],
    },
    server: { command: 'pnpm run start', url: '/' },
  });
});

test('Next.js with Drizzle: what is built serves, not `next dev`; a variable of .env is taken by itself', async ({
  tree,
}) => {
  const { options, text } = await written(tree, {
    'package.json': manifest(
      { dev: 'next dev', build: 'next build', start: 'next start', 'db:seed': 'tsx src/db/seed.ts' },
      'next',
      'drizzle-orm',
    ),
    'next.config.mjs': '',
    'drizzle.config.ts': `export default { dialect: 'postgresql', schema: './src/db/schema.ts', out: './drizzle', dbCredentials: { url: process.env.POSTGRES_URL! } };`,
    'drizzle/0000_a.sql': '',
    'src/db/schema.ts': '',
    'src/db/seed.ts': `import './schema';`,
    '.env.local':
      'POSTGRES_URL=postgres://me:hunter2@localhost/shop\nNEXTAUTH_URL=http://localhost:3000\nNEXT_PUBLIC_URL=http://localhost:3000',
    'playwright.config.ts': CONFIG.replace(
      '{ testDir',
      `{ webServer: { command: 'npm run dev', url: 'http://localhost:3000', reuseExistingServer: true }, testDir`,
    ),
  });
  expect(options).toEqual({
    database: {
      migrate: 'npx drizzle-kit migrate',
      seed: 'npm run db:seed',
      inputs: ['drizzle/**', 'drizzle.config.ts', 'src/db/seed.ts', 'src/db/schema.ts'],
    },
    build: 'npm run build',
    server: { command: 'npm start -- -p {port}', url: '/', env: { NEXTAUTH_URL: 'http://localhost:{port}' } },
  });
  expect(text).toContain('reads POSTGRES_URL');
  expect(text).toContain('NEXT_PUBLIC_URL of .env.local is fixed when the application is built');
  expect(text).toContain('Next.js: all slots write what they cache into one .next.');
  expect(text).not.toContain('hunter2');
});

test('Next.js: where a variable says where it builds, each slot has its own folder', async ({ tree }) => {
  const config = (or: string) => `export default { distDir: process.env.NEXT_DIST_DIR ${or} '.next' };`;
  const own = { copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' } };
  for (const or of ['??', '||']) {
    const { options, text } = await written(tree, {
      'package.json': manifest({ build: 'next build', start: 'next start' }, 'next'),
      'next.config.mjs': config(or),
      'playwright.config.ts': CONFIG.replace('{ testDir', `{ webServer: { command: 'npm start', port: 3000 }, testDir`),
    });
    expect(options).toMatchObject({ server: { command: 'npm start', ...own } });
    expect(text).not.toContain('all slots write what they cache');
  }
});

test('servers: each as it is built, or with its own flag for the port, and without one that a script has', async ({
  tree,
}) => {
  const rows = [
    [
      ['@sveltejs/kit', '@sveltejs/adapter-node', 'vite'],
      { dev: 'vite dev', build: 'vite build' },
      'npx vite preview --port {port} --strictPort',
    ],
    [
      ['@react-router/dev', '@react-router/serve', 'vite'],
      { dev: 'react-router dev', build: 'react-router build', start: 'react-router-serve ./build/server/index.js' },
      'npm start',
    ],
    [['nuxt'], { dev: 'nuxt dev', build: 'nuxt build' }, 'node .output/server/index.mjs'],
    [
      ['astro'],
      { dev: 'astro dev', build: 'astro build', preview: 'astro preview' },
      'npm run preview -- --port {port}',
    ],
    [
      ['vite'],
      { dev: 'vite', build: 'vite build', preview: 'vite preview' },
      'npm run preview -- --port {port} --strictPort',
    ],
    [['vite'], { dev: 'vite' }, 'npm run dev -- --port {port} --strictPort'],
    [['vite'], { dev: 'vite --port 3000' }, 'npx vite --port {port}'],
    [['express'], { start: 'PORT=4000 node server.js' }, 'PORT={port} node server.js'],
    [['koa'], { start: 'cross-env PORT=4000 tsx server.ts' }, 'npx cross-env PORT={port} tsx server.ts'],
    [
      ['@nestjs/core', 'typeorm'],
      { start: 'nest start', build: 'nest build', 'start:prod': 'node dist/main' },
      'node dist/main',
    ],
  ] as const;
  for (const [dependencies, scripts, command] of rows) {
    const { options } = await written(tree, { 'package.json': manifest(scripts, ...dependencies) });
    expect(options).toMatchObject({ server: { command } });
    expect('build' in Object(options)).toBe('build' in scripts);
  }
});

test('a `webServer` that previews what it built: with its own flag for the port, where it does not read PORT', async ({
  tree,
}) => {
  const rows = [
    ['@sveltejs/kit', 'vite', 'npm run preview -- --port {port} --strictPort'],
    ['vite', 'vite', 'npm run preview -- --port {port} --strictPort'],
    ['astro', 'astro', 'npm run preview -- --port {port}'],
    ['nuxt', 'nuxt', 'npm run preview'],
  ] as const;
  for (const [dependency, program, command] of rows) {
    const { options } = await written(tree, {
      'package.json': manifest({ build: `${program} build`, preview: `${program} preview` }, dependency),
      'playwright.config.ts': CONFIG.replace(
        '{ testDir',
        `{ webServer: { command: 'npm run build && npm run preview', port: 4173 }, testDir`,
      ),
    });
    expect(options).toEqual({ build: 'npm run build', server: { command } });
  }
});

test('Prisma: a client that the build makes is made for the seed, which comes before it', async ({ tree }) => {
  const files = {
    'prisma.config.ts': `export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { seed: 'tsx prisma/seed.ts' } });`,
    'prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
    'prisma/migrations/1/migration.sql': '',
  };
  const build = 'prisma generate && next build';
  const rows = [
    [{ build }, 'npx prisma generate && npx prisma db seed'],
    [{ build, 'db:seed': 'prisma db seed' }, 'npx prisma generate && npm run db:seed'],
    [{ build, postinstall: 'prisma generate' }, 'npx prisma db seed'],
    [{ build: 'next build' }, 'npx prisma db seed'],
  ] as const;
  for (const [scripts, seed] of rows) {
    const { options } = await written(tree, { 'package.json': manifest(scripts, 'next', 'prisma'), ...files });
    expect(options).toMatchObject({ database: { migrate: 'npx prisma migrate deploy', seed } });
  }
});

test('TypeORM, MikroORM, Sequelize and Kysely: their commands, and the folders that their configs name', async ({
  tree,
}) => {
  const start = { start: 'node server.js' };
  const { options, text } = await written(tree, {
    'package.json': manifest({ ...start, typeorm: 'typeorm-ts-node-commonjs -d src/data-source.ts' }, 'typeorm'),
    'src/data-source.ts': `export const source = new DataSource({\n  type: 'postgres', host: process.env.DB_HOST, port: Number(process.env.DB_PORT), username: process.env.DB_USERNAME,\n  password: process.env.DB_PASSWORD, database: process.env.DB_DATABASE, synchronize: true,\n  migrations: [__dirname + '/migrations/*.ts'],\n});`,
    'src/migrations/1.ts': '',
  });
  expect(options).toMatchObject({
    database: {
      migrate: 'npx typeorm-ts-node-commonjs migration:run -d src/data-source.ts',
      inputs: ['src/migrations/**', 'src/data-source.ts'],
      env: {
        DB_HOST: '{host}',
        DB_PORT: '{port}',
        DB_USERNAME: '{user}',
        DB_PASSWORD: '{password}',
        DB_DATABASE: '{database}',
      },
    },
  });
  expect(text).toContain('src/data-source.ts:1: synchronize: true makes the tables when a server starts');

  const others: readonly (readonly [string, Files, object])[] = [
    [
      '@mikro-orm/postgresql',
      {
        'mikro-orm.config.ts': `export default defineConfig({ migrations: { path: 'dist/migrations', pathTs: 'src/migrations' }, clientUrl: process.env.DATABASE_URL });`,
        'src/migrations/1.ts': '',
        'src/seeders/a.ts': '',
      },
      { migrate: 'MIKRO_ORM_MIGRATIONS_SNAPSHOT=false npx mikro-orm migration:up', seed: 'npx mikro-orm seeder:run' },
    ],
    [
      'sequelize',
      {
        '.sequelizerc': `const path = require('path');\nmodule.exports = { 'migrations-path': path.resolve('db', 'migrations'), 'config': path.resolve('config', 'config.json') };`,
        'config/config.json': '{ "development": { "use_env_variable": "DATABASE_URL", "dialect": "postgres" } }',
        'db/migrations/1.js': '',
      },
      { migrate: 'npx sequelize-cli db:migrate', inputs: ['db/migrations/**', 'config/config.json'] },
    ],
    [
      'kysely',
      {
        'src/migrations/1.ts': '',
        'kysely.config.ts': `export default defineConfig({ dialect: new PostgresDialect({}), migrations: { migrationFolder: 'src/migrations' } });`,
      },
      { migrate: 'npx kysely migrate:latest', inputs: ['src/migrations/**', 'kysely.config.ts'] },
    ],
  ];
  for (const [dependency, files, database] of others) {
    const names = [
      'src/migrations',
      'src/seeders',
      'src/data-source.ts',
      'mikro-orm.config.ts',
      '.sequelizerc',
      'config/config.json',
      'kysely.config.ts',
    ];
    tree.remove(names);
    const found = await written(tree, { 'package.json': manifest(start, dependency), ...files });
    expect(found.options).toMatchObject({ database });
  }
});

test('Sequelize: its sections read a variable, or the commands get the address beside them', async ({ tree }) => {
  const files = { 'migrations/1.js': '', 'seeders/1.js': '' };
  const literal = { database: 'database_test', host: '127.0.0.1', dialect: 'postgres' };
  const variable = { use_env_variable: 'SHOP_DB_URL', dialect: 'postgres' };
  const start = { start: 'node server.js' };
  const read = await written(tree, {
    'package.json': manifest(start, 'sequelize'),
    'config/config.json': { development: variable, production: literal },
    ...files,
  });
  expect(read.options).toMatchObject({
    database: { migrate: 'npx sequelize-cli db:migrate', seed: 'npx sequelize-cli db:seed:all', env: 'SHOP_DB_URL' },
  });
  const own = 'npx sequelize-cli db:migrate --url "$DATABASE_URL"';
  const rows = [
    [{}, { development: literal, production: variable }, own],
    [{}, { development: variable, test: literal }, own],
    [{}, { production: variable }, own],
    [
      { 'db:migrate': 'sequelize-cli db:migrate' },
      { development: literal },
      'npm run db:migrate -- --url "$DATABASE_URL"',
    ],
    [{ migrate: 'sequelize db:migrate && node more.js' }, { development: literal }, own],
  ] as const;
  for (const [scripts, config, migrate] of rows) {
    const { options, text } = await written(tree, {
      'package.json': manifest({ ...start, ...scripts }, 'sequelize'),
      'config/config.json': config,
    });
    const seed = 'npx sequelize-cli db:seed:all --url "$DATABASE_URL"';
    expect(options).toMatchObject({ database: { migrate, seed } });
    expect(text).toMatch(
      /config\/config\.json:\d+: a database is written out there: the commands get the address of the slot/,
    );
  }
});

test('folders of SQL: node-pg-migrate, graphile-migrate, dbmate', async ({ tree }) => {
  const start = { start: 'node server.js' };
  const pg = await written(tree, {
    'package.json': manifest({ ...start, migrate: 'node-pg-migrate -m db/changes' }, 'node-pg-migrate'),
    'db/changes/1.sql': '',
  });
  expect(pg.options).toMatchObject({ database: { migrate: 'npm run migrate', inputs: ['db/changes/**'] } });
  tree.remove(['db/changes']);
  const dbmate = await written(tree, {
    'package.json': manifest(start),
    'db/migrations/1.sql': '-- migrate:up\nCREATE TABLE a ();',
  });
  expect(dbmate.options).toMatchObject({
    database: { migrate: 'PGSSLMODE=disable dbmate --no-dump-schema migrate', inputs: ['db/migrations/**'] },
  });
  tree.remove(['db']);
  const graphile = await written(tree, {
    'package.json': manifest(start, 'graphile-migrate'),
    '.gmrc': '{ // text\n}',
    'migrations/current.sql': '',
  });
  expect(graphile.options).toMatchObject({
    database: { migrate: 'npx graphile-migrate migrate', inputs: ['migrations/**', '.gmrc'] },
  });
});

test('Django and Rails: their own commands, the parts that the settings read, and files for pids', async ({ tree }) => {
  const django = await written(tree, {
    'package.json': manifest({}),
    'manage.py': `import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n`,
    'shop/settings.py': `DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['DB_NAME'], 'HOST': os.environ.get('DB_HOST', 'x'), 'USER': os.getenv('DB_USER')}}`,
    'orders/migrations/0001_initial.py': '',
    'uv.lock': '',
  });
  expect(django.options).toEqual({
    database: {
      migrate: 'uv run python manage.py migrate --noinput',
      inputs: ['orders/migrations/*.py', 'shop/settings.py'],
      env: { DB_HOST: '{host}', DB_NAME: '{database}', DB_USER: '{user}' },
    },
    server: { command: 'uv run python manage.py runserver --noreload {port}', url: '/', port: 8000 },
  });
  tree.remove(['manage.py', 'shop']);
  const rails = await written(tree, {
    Gemfile: `source 'https://rubygems.org'\ngem 'rails', '~> 8.0'\n`,
    'config/database.yml': `default: &default\n  adapter: postgresql\n  url: <%= ENV.fetch("SHOP_DATABASE_URL") %>\n`,
    'db/migrate/1_a.rb': `enable_extension 'citext'`,
    'db/seeds.rb': '# nothing\nShop.create!\n',
  });
  expect(rails.options).toEqual({
    database: {
      ...{ migrate: 'bin/rails db:migrate', seed: 'bin/rails db:seed', inputs: ['db/migrate/**', 'db/seeds.rb'] },
      ...{ extensions: ['citext'], env: 'SHOP_DATABASE_URL' },
    },
    server: { command: 'PIDFILE=tmp/pids/server-{port}.pid bin/rails server -p {port}', url: '/', port: 3000 },
  });
});

test('docker-compose: extensions of the image, and another major version than the embedded one; a Postgres of this machine that has both', async ({
  tree,
}) => {
  const files = {
    'package.json': manifest({ start: 'node server.js', migrate: 'node migrate.js migrations' }),
    'migrate.js': `import './sql.js';`,
    'sql.js': '',
    'migrations/1.sql': 'CREATE TABLE a ();',
    'compose.yaml': 'services:\n  # image: postgres:11\n  db:\n    image: pgvector/pgvector:pg16\n',
  };
  const { options, text } = await written(tree, files);
  const database = {
    migrate: 'npm run migrate',
    inputs: ['migrations/**', 'migrate.js', 'sql.js'],
    extensions: ['vector'],
  };
  const server = { command: 'npm start', url: '/' };
  expect(options).toEqual({ database, server });
  expect(text).toContain('compose.yaml:4: you develop on Postgres 16; the embedded server is 18.');
  expect(text).toContain('the embedded Postgres has no vector');

  tree.write({ 'pg/16/share/extension/vector.control': '', 'pg/17/share/extension/vector.control': '' });
  const local = [17, 16, 15].map((major) => ({ bin: join(tree.folder, `pg/${major}/bin`), major }));
  const able = await written(tree, files, local);
  expect(able.options).toEqual({ database: { binaries: local[1]?.bin, ...database }, server });
  expect(able.text).toContain(`${local[1]?.bin}  Postgres 16 of this machine, which has what is needed`);
  expect(able.text).not.toContain('you develop on');
});

test('migrations of a folder below, a computed webServer, and origins between servers', async ({ tree }) => {
  const { options, text } = await written(tree, {
    'package.json': manifest({ dev: 'vite' }, 'vite'),
    'backend/package.json': manifest({ migrate: 'prisma migrate deploy', start: 'node server.js' }, 'prisma'),
    'backend/prisma/schema.prisma': 'datasource db {\n  provider = "postgresql"\n  url = env("API_DB_URL")\n}\n',
    'backend/prisma/migrations/1/migration.sql': 'CREATE EXTENSION IF NOT EXISTS citext;',
    'playwright.config.ts': `import { defineConfig } from '@playwright/test';

const PORT = process.env.PORT || '5173';
const api = 'http://localhost:' + Number(process.env.API_PORT ?? 4000);

export default defineConfig({
  webServer: [
    { command: 'npm start', cwd: 'backend', url: \`\${api}/health\`, name: 'the api', env: { PORT: '4000', DATABASE_URL: 'postgres://me@localhost/dev' } },
    { command: 'npm run dev -- --port ' + PORT, url: \`http://localhost:\${PORT}/\`, env: { API: api, MODE: 'test' }, timeout: 60 * 1000 },
  ],
});
`,
  });
  expect(options).toEqual({
    database: {
      migrate: 'cd backend && npm run migrate',
      inputs: ['backend/prisma/schema.prisma', 'backend/prisma/migrations/**'],
      extensions: ['citext'],
      env: 'API_DB_URL',
    },
    server: [
      { command: 'npm start', name: 'the-api', cwd: 'backend', url: '/health' },
      {
        ...{ command: 'npm run dev -- --port {port}', url: '/', timeout: 60_000 },
        env: { API: 'http://localhost:{port:the-api}', MODE: 'test' },
      },
    ],
  });
  expect(text).toContain('backend/prisma/schema.prisma:1               Prisma\n');
  expect(text).toContain('backend/package.json:3                       migrates: cd backend && npm run migrate\n');
  expect(text).toContain('backend/prisma/migrations/1/migration.sql:1  extension citext\n');

  tree.write({
    'playwright.config.ts': `export default { webServer: { command: process.env.CI ? 'npm start' : 'npm run dev', port: 3000 } };\n`,
    'admin/package.json': manifest({}, 'node-pg-migrate'),
  });
  const computed = await initIn(tree);
  expect(tree.read('playwright.config.ts')).toContain('port: 3000 } }, {});');
  expect(computed.text).toContain('playwright.config.ts: its webServer is computed, and adopted as it is at run time;');
  expect(computed.text).toContain('admin and backend have migrations: name those of the application');
});
