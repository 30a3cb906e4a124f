import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { StacksOptions } from './options.ts';
import { parseOptions } from './parse.ts';
import { resolveOptions } from './resolve.ts';

let root: string;
const names = ['DATABASE_URL', 'POSTGRES_URL', 'DIRECT_URL', 'WAREHOUSE_URL'];
test.beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stk-test-'));
});
test.afterEach(() => {
  rmSync(root, { recursive: true });
  for (const name of names) delete process.env[name];
});

function resolve(options: StacksOptions) {
  const parsed = parseOptions(options, undefined, [{ path: '', name: 'default' }]);
  return resolveOptions(parsed, join(root, 'playwright.config.ts'));
}

test('variables of the environment and of .env files name the first database, in the form that they have', () => {
  process.env.DATABASE_URL = 'postgresql+asyncpg://localhost/dev';
  writeFileSync(
    join(root, '.env'),
    'POSTGRES_URL=postgres://localhost/dev?schema=app\nDIRECT_URL=postgres://localhost/dev',
  );
  const { variants, databases } = resolve({ databases: { main: { env: 'DIRECT_URL' }, audit: {} } });
  const [main, audit] = variants.get('default')?.databases ?? [];
  expect(main?.inheritedEnv).toEqual({
    DATABASE_URL: 'postgresql+asyncpg://{user}:{password}@{host}:{port}/{database}',
    POSTGRES_URL: '{url}?schema=app',
  });
  // What decides whether a template is still good is what the options say.
  expect(main?.env).toEqual({ DIRECT_URL: '{url}' });
  expect(audit?.inheritedEnv).toEqual({});
  expect(databases.taken).toMatchObject([{ variables: ['POSTGRES_URL'], from: '.env', isOther: false }]);
  expect(databases.development).toEqual({ host: 'localhost', port: 5432, database: 'dev' });
});

test('the development database in a server’s `env` is refused with the line to write', () => {
  process.env.DATABASE_URL = 'postgres://me:hush@localhost/dev';
  const env = {
    DB: process.env.DATABASE_URL,
    JDBC_URL: 'jdbc:postgresql://127.0.0.1/dev',
    WAREHOUSE_URL: 'postgres://w.example.org/w',
    PLACE: 'postgres://localhost/dev_{port}',
  };
  const server = [{ command: 'a' }, { command: 'b', name: 'api', env }];
  expect(() => resolve({ server })).toThrow(
    [
      'OPTIONS_INVALID: 2 mistakes in the options of withStacks().',
      "  `server[1].env.DB` names the development database, localhost:5432/dev. Leave it out, and write: database: { env: 'DB' }",
      "  `server[1].env.JDBC_URL` names the development database, 127.0.0.1:5432/dev. Leave it out, and write: database: { env: { JDBC_URL: 'jdbc:postgresql://{host}:{port}/{database}?user={user}&password={password}' } }",
    ].join('\n'),
  );
  expect(() => resolve({ server })).not.toThrow('hush');
  const { DB: _, JDBC_URL: __, ...others } = env;
  const warned = { command: 'b', env: others };
  expect(resolve({ server: warned }).databases.named).toMatchObject([
    { path: 'server.env.WAREHOUSE_URL', variable: 'WAREHOUSE_URL', target: { host: 'w.example.org' } },
  ]);
  expect(resolve({ server: warned, allowDatabases: ['WAREHOUSE_URL'] }).databases.named).toEqual([]);
});

test('what Nuxt takes into `runtimeConfig` it reads anew from its own variable, which names the slot’s database', () => {
  writeFileSync(
    join(root, 'nuxt.config.ts'),
    `export default defineNuxtConfig({
      nitro: { storage: { data: process.env.DATABASE_URL } },
      runtimeConfig: {
        databaseURL: process.env.DATABASE_URL ?? 'postgres://localhost/dev', // of .env
        title: 'a } brace: {', db: { host: process.env['PGHOST'], 'audit': { url: process.env.AUDIT_URL } },
        other: process.env.OTHER_URL, public: { pool: process.env.POSTGRES_URL },
      },
      app: { url: process.env.DATABASE_URL },
    });`,
  );
  process.env.POSTGRES_URL = 'postgres://localhost/dev?schema=app';
  const { variants } = resolve({ databases: { main: {}, audit: { env: 'AUDIT_URL' } } });
  const [main, audit] = variants.get('default')?.databases ?? [];
  expect(main?.inheritedEnv).toEqual({
    POSTGRES_URL: '{url}?schema=app',
    ...{ NUXT_DATABASE_URL: '{url}', NUXT_DB_HOST: '{host}', NUXT_PUBLIC_POOL: '{url}?schema=app' },
  });
  expect(audit?.inheritedEnv).toEqual({ NUXT_DB_AUDIT_URL: '{url}' });
});
