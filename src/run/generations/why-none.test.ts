// Which servers can have spares, and how the servers of a generation see their stack.
import { expect, test } from '@playwright/test';
import type { StackPlan } from '../pool/plan.ts';
import { generationPlan, generationsKey } from './generation-plan.ts';
import { whyNoSpares } from './why-none.ts';

const URL = 'postgresql://app:secret@localhost:5433/stk_x_0';

function plan(server: object = {}, info: object = {}): StackPlan {
  const web = { name: 'web', copy: [], readyBy: 'port', url: undefined, wait: undefined, inspect: false };
  return {
    variant: {
      servers: [
        { ...web, ...server },
        { ...web, name: 'api' },
      ],
      databases: [{ env: { JDBC: 'jdbc:postgresql://{host}:{port}/{database}' }, inheritedEnv: {} }],
    },
    info: {
      ...{ key: 'stk_x_0', url: 'http://localhost:24000', servers: { web: 'http://localhost:24000' }, env: {} },
      ...{ databaseUrl: URL, databases: [{ name: 'main', database: 'stk_x_0', url: URL }], ...info },
    },
    ports: { web: 24_000, api: 24_001, proxy: 24_002 },
    inspectPorts: {},
  } as unknown as StackPlan;
}

test('a server has no spares that would share files, an inspector or what it prints with them, or is never seen to be ready', () => {
  const why = (server?: object, info?: object) => whyNoSpares(plan(server, info), ['web', 'api']);
  expect(why()).toBeUndefined();
  expect(why({ copy: [{ path: 'uploads', reset: 'never' }] })).toContain('`copy`');
  expect(why({}, { workspace: { path: '/w' } })).toContain('worktree');
  expect(why({ inspect: true })).toContain('STACKS_INSPECT');
  expect(why({ readyBy: 'nothing' })).toContain('`url` or a `port`');
  expect(why({ wait: { stdout: /port (?<port>\d+)/ } })).toContain('`wait`');
  expect(whyNoSpares(plan({ wait: { stdout: /ready/ } }), ['web'])).toBeUndefined();
  expect(why({}, { databases: [{ url: 'postgresql://db/x?sslmode=verify-full' }] })).toContain('certificate');
});

test('a generation has Postgres by way of its gate, ports and a key of its own; what browsers open stays', () => {
  const own = generationPlan(plan(), 7, 5_000, { web: 30_000, api: 30_001 });
  const url = 'postgresql://app:secret@127.0.0.1:5000/stk_x_0';
  expect(own.ports).toEqual({ web: 30_000, api: 30_001, proxy: 24_002 });
  expect(own.info).toMatchObject({
    ...{ key: 'stk_x_0_g7', url: 'http://localhost:24000', databaseUrl: url },
    databases: [{ name: 'main', database: 'stk_x_0', url }],
  });
  expect(own.info.env).toMatchObject({
    ...{ DATABASE_URL: url, PGHOST: '127.0.0.1', PGPORT: '5000', PGDATABASE: 'stk_x_0' },
    JDBC: 'jdbc:postgresql://127.0.0.1:5000/stk_x_0',
  });
});

test('a server that is found by what an old process says, or asks by a public address, has none', () => {
  const why = (server: object, names = ['web']) => whyNoSpares(plan(server), names);
  expect(why({ wait: { stdout: /on port \d+/ } })).toBeUndefined();
  expect(why({ wait: { stdout: /on port (?<api_port>\d+)/ } })).toContain('`wait` captures');
  const asks = { env: { API_URL: '{url:api}', SITE: '{url}' } };
  expect(why(asks, ['web', 'api'])).toContain('write `{port:name}` instead of `{url:name}`');
  expect(why(asks)).toBeUndefined(); // it goes on as long as the slot
  expect(why({ env: { SITE: '{url:web}' } }, ['web', 'api'])).toBeUndefined();
});

test('libpq’s variable that asks for a certificate counts as the parameter does', () => {
  const { PGSSLMODE: before } = process.env;
  process.env.PGSSLMODE = 'verify-full';
  expect(whyNoSpares(plan(), ['web'])).toContain('PGSSLMODE');
  if (before === undefined) delete process.env.PGSSLMODE;
  else process.env.PGSSLMODE = before;
});

test('a generation has a key of its own where nobody else of the stack goes on with the slot’s', () => {
  const key = (command?: string) => generationsKey(plan({ command }), ['api'], 7);
  expect(key()).toBe('stk_x_0_g7');
  expect(key('node jobs.mjs')).toBe('stk_x_0');
});
