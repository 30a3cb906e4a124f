// What a slot's server finds in its environment, whatever `env` repeats of the runner's.
import { expect, test } from '@playwright/test';
import type { ServerOptions } from '../../config/options.ts';
import { parseOptions } from '../../config/parse.ts';
import { resolveOptions } from '../../config/resolve.ts';
import { childEnv } from '../../process/child-env.ts';
import { serverSpec } from './server-spec.ts';

const SLOT = 'postgres://localhost/stk_run_1';

test.beforeEach(() => {
  Object.assign(process.env, { DATABASE_URL: 'postgres://localhost/developer', MODE: 'development' });
});
test.afterEach(() => {
  for (const name of ['DATABASE_URL', 'MODE', 'KEPT']) delete process.env[name];
});

/** What the server of slot 1 is started with, after slot 0's variables have come into the runner's environment. */
function environmentOf(env: NonNullable<ServerOptions['env']>, inspectPorts = {}): NodeJS.ProcessEnv {
  const server = { command: 'npm start', env };
  const parsed = parseOptions({ server }, undefined, [{ path: 'use.stack', name: 'default' }]);
  process.env.DATABASE_URL = 'postgres://localhost/stk_run_0';
  const { variants, databases } = resolveOptions(parsed, '/project/playwright.config.ts');
  const [resolved] = variants.get('default')?.servers ?? [];
  if (!resolved) throw new Error('no server');
  const info = {
    ...{ slot: 1, variant: 'default', key: 'stk_run_1', url: 'http://localhost:24000', databases: [] },
    servers: { web: 'http://localhost:24000' },
    ...{ database: 'stk_run_1', databaseUrl: SLOT, env: { DATABASE_URL: SLOT, PGDATABASE: 'stk_run_1' } },
  };
  const plan = { info, ports: { web: 24_000 }, inspectPorts } as unknown as Parameters<typeof serverSpec>[2];
  return childEnv(serverSpec(resolved, 'npm start', plan, '/logs', {}, databases).env);
}

test('what env repeats of the runner’s environment is inherited: the slot’s variables stand', () => {
  const spread = { ...process.env, LOG: 'debug' };
  const mine = { DATABASE_URL: SLOT, LOG: 'debug', MODE: 'development', PORT: '24000' };
  expect(environmentOf(spread)).toMatchObject(mine);
  expect(environmentOf(() => ({ ...process.env, LOG: 'debug' }))).toMatchObject(mine);
  process.env.DATABASE_URL = 'postgres://localhost/developer';
  expect(environmentOf(() => spread)).toMatchObject(mine);
});

test('what browsers open is in STACK_URL, and where `{url}` is written', () => {
  const mine = { STACK_URL: 'http://localhost:24000', LINKS: 'http://localhost:24000/mail' };
  expect(environmentOf({ LINKS: '{url:web}/mail' })).toMatchObject(mine);
  expect(environmentOf(({ url, urls }) => ({ LINKS: `${url}/mail`, WEB: urls.web }))).toMatchObject({
    ...mine,
    WEB: mine.STACK_URL,
  });
});

test('a server that is inspected has the port beside the Node options of its own, or of the environment', () => {
  const options = (env: ServerOptions['env'] & object) => environmentOf(env, { web: 25_000 }).NODE_OPTIONS;
  process.env.NODE_OPTIONS = '--no-warnings';
  try {
    expect(options({})).toBe('--no-warnings --inspect-port=127.0.0.1:25000');
    expect(options({ NODE_OPTIONS: '--no-deprecation' })).toBe('--no-deprecation --inspect-port=127.0.0.1:25000');
  } finally {
    delete process.env.NODE_OPTIONS;
  }
  expect(options({})).toBe('--inspect-port=127.0.0.1:25000');
  expect(environmentOf({}).NODE_OPTIONS).toBeUndefined();
});

test('what a function returns may name the slot’s database in any form, and no other in its place', () => {
  const jdbc = 'jdbc:postgresql://localhost/stk_run_1';
  expect(environmentOf(() => ({ DATABASE_URL: `${SLOT}?schema=app`, JDBC_URL: jdbc }))).toMatchObject({
    ...{ DATABASE_URL: `${SLOT}?schema=app`, JDBC_URL: jdbc },
  });
  expect(() => environmentOf(() => ({ DATABASE_URL: 'postgres://localhost/other' }))).toThrow(
    '`server.env.DATABASE_URL` would be the same for all slots. Leave it out: each slot gets its own',
  );
  // As resolved, slot 0’s is what the environment has.
  expect(() => environmentOf(() => ({ DB: 'postgres://127.0.0.1/stk_run_0' }))).toThrow(
    "`server.env.DB` names the development database, 127.0.0.1:5432/stk_run_0. Leave it out, and write: database: { env: 'DB' }",
  );
});

test('values are taken as Playwright takes them: undefined removes a variable, and never one of the slot’s', () => {
  const own = { MODE: undefined, DATABASE_URL: undefined, RETRIES: 3, TRACE: true, API: 'http://localhost:{port}' };
  for (const env of [own, () => ({ ...own, API: 'http://localhost:24000' })]) {
    const environment = environmentOf(env);
    expect(environment).toMatchObject({
      ...{ DATABASE_URL: SLOT, RETRIES: '3', TRACE: 'true', API: 'http://localhost:24000', MODE: undefined },
    });
  }
});
