// Suites as their authors write them: without us, with our fixtures, with fixtures of their own that have our names.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('waiting for a stack is not the test’s time', { tag: '@matrix' }, async ({ project, run }) => {
  const slow = `{ command: 'sleep 4; node app.mjs', url: '/healthz', restart: 'file' }`;
  const files = {
    // Slot 0 is open. Slot 1 opens longer than the test's timeout, and so long does a later group wait for its servers.
    'playwright.config.ts': configText({ config: 'timeout: 1500', server: slow }).replace('timeout: 20_000,', ''),
    'e2e/d.spec.ts': '',
  };
  const result = await run(await project('mini', { files }), ['--workers=2']);
  expect(result.output).toContain('6 passed');
});

test('the options that carry our fixtures have the user’s values, or Playwright’s defaults, wherever they are read', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const own = { timezoneId: 'Asia/Tokyo', serviceWorkers: 'block', channel: 'chrome' };
  const said = 'console.log(where, JSON.stringify(projects.map(({ name, use }) => ({ name, ...use }))))';
  const files = {
    'playwright.config.ts': configText({
      config: `
        globalSetup: './setup.ts',
        reporter: [['list'], ['./reporter.ts']],
        use: { locale: 'de-DE', baseURL: 'http://localhost:39999/path' },
        projects: [
          { name: 'own', use: ${JSON.stringify(own)} },
          { name: 'none', testMatch: 'a.spec.ts' },
          { name: 'off', testMatch: 'a.spec.ts', use: { isolation: 'off' } as object },
        ],`,
    }),
    'say.ts': `export const say = (where, { projects }) => ${said};`,
    'setup.ts': `import { say } from './say'; export default (config) => say('globalSetup', config);`,
    'reporter.ts': `import { say } from './say'; export default class { onBegin(config) { say('reporter', config); } }`,
    ...only(`
      import { expect, test as base } from '@playwright/test';
      import { say } from '../say';
      const test = base.extend({
        saying: [async ({}, use, workerInfo) => {
          say('fixture', workerInfo.config);
          await use('');
          say('tear-down', workerInfo.config);
        }, { scope: 'worker', auto: true }],
      });
      test('values', async ({ timezoneId, serviceWorkers, channel }, { config, project }) => {
        expect([timezoneId, serviceWorkers, channel]).toEqual(
          project.name === 'own' ? ['Asia/Tokyo', 'block', 'chrome'] : [undefined, 'allow', undefined],
        );
        say('test', config);
      });
      test.describe('one of them displaced', () => {
        test.use({ timezoneId: 'Europe/Berlin' });
        test('still has a stack', async ({ request, timezoneId }) => {
          expect(timezoneId).toBe('Europe/Berlin');
          if (test.info().project.name !== 'off') expect((await request.get('/items')).ok()).toBe(true);
        });
      });
    `),
    'e2e/b.spec.ts': `
      import { expect, test } from '@playwright/test';
      import config from '../playwright.config';
      import { say } from '../say';
      test.use({ channel: 'chromium' });
      test('a worker’s option displaced: still has a stack', async ({ request }) => {
        say('config', { projects: config.projects.map(({ name, use }) => ({ name, use: { ...config.use, ...use } })) });
        expect((await request.get('/items')).ok()).toBe(true);
      });
    `,
    'e2e/c.spec.ts': `
      import { expect, test } from '@playwright/test';
      test.extend({})('a later file of the worker has a stack, too', async ({ request }) => {
        expect((await request.get('/items')).ok()).toBe(true);
      });
    `,
  };
  const { output } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 120_000 });
  expect(output).toContain('8 passed');
  const [, origin] = /slot 0 opened: .* at (\S+)/.exec(output) ?? [];
  const inherited = { locale: 'de-DE', baseURL: `${origin}/path` };
  for (const where of ['globalSetup', 'reporter', 'fixture', 'test', 'tear-down', 'config']) {
    const lines = output.split('\n').filter((line) => line.startsWith(`${where} [`));
    expect(lines.length, where).toBeGreaterThan(0);
    for (const line of lines) {
      expect(JSON.parse(line.slice(where.length)), where).toEqual([
        { name: 'own', ...inherited, ...own },
        { name: 'none', ...inherited },
        { name: 'off', ...inherited, isolation: 'off', baseURL: 'http://localhost:39999/path' },
      ]);
    }
  }
});

test('test.setTimeout() in a test counts from its beginning, not from the wait for its stack', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({
      server: `{ command: 'sleep 2; node app.mjs', url: '/healthz', restart: 'file' }`,
    }),
    'e2e/b.spec.ts': `
      import { test } from '@playwright/test';
      test('sets a short timeout', async () => {
        test.setTimeout(1500);
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
    `,
  };
  const { output } = await run(await project('mini', { files }), ['--workers=1', 'a.spec', 'b.spec']);
  expect(output).toContain('3 passed');
});

for (const [title, args, details] of [
  ['', [], { tag: '@matrix' }],
  [', also without our reporter', ['--reporter=dot'], {}],
] as const) {
  test(`a suite whose files displace our fixture fails and says so${title}`, details, async ({ project, run }) => {
    const files = only(`
      import { test } from '@playwright/test';
      test.use({ timezoneId: 'Europe/Berlin', serviceWorkers: 'block' });
      test('runs without a stack', async () => {});
    `);
    const { output, exitCode } = await run(await project('mini', { files }), args);
    expect(output).toContain('STACK_NOT_LEASED: a test passed without a stack');
    expect(exitCode).toBe(1);
  });
}

test('suites without our fixtures, with them, with fixtures of their own that have our names; a globalSetup sees slot 0, its teardown finds the database', async ({
  project,
  run,
}) => {
  const files = {
    'playwright.config.ts': configText({ config: `globalSetup: './setup.ts', globalTeardown: './teardown.ts'` }),
    'setup.ts': `
      export default async (config) => {
        if (!process.env.DATABASE_URL?.includes('_0')) throw new Error('no database of slot 0');
        const { ok } = await fetch(config.projects[0].use.baseURL + '/items');
        console.log('globalSetup reached slot 0:', ok);
        // As component testing does, for its own pages.
        process.env.PLAYWRIGHT_TEST_BASE_URL = 'http://localhost:3100';
        return () => console.log('returned function ran');
      };
    `,
    'teardown.ts': `
      import pg from 'pg';
      export default async () => {
        const client = new pg.Client(process.env.DATABASE_URL);
        await client.connect();
        console.log('teardown sees', (await client.query('SELECT count(*) FROM items')).rowCount, 'row');
        await client.end();
      };
    `,
    // Hooks and tests see the slot's baseURL and database, from the file's top level on.
    'e2e/a.spec.ts': `
    import { expect, test } from '@playwright/test';
    const atTop = process.env.DATABASE_URL;
    const who = async (request) => (await request.get('/whoami')).json();
    test.beforeAll(async ({ request, baseURL }) => {
      expect(baseURL).toBeTruthy();
      expect(atTop).toContain((await who(request)).database);
    });
    test.beforeEach(async ({ request }) => expect(atTop).toContain((await who(request)).database));
    test.afterAll(async ({ request }) => expect(atTop).toContain((await who(request)).database));
    test('same everywhere', async ({ request }) => {
      const { database } = await who(request);
      expect(atTop).toContain(database);
      expect(process.env.PGDATABASE).toBe(database);
    });
  `,
    // `stack` and `db` give what they say; what a test leaves open is rolled back.
    'e2e/b.spec.ts': `
    import { expect, test } from 'playwright-stacks';
    test('first', async ({ stack, db, request }) => {
      const who = await (await request.get('/whoami')).json();
      expect(stack).toMatchObject({ slot: 0, key: who.key, url: 'http://localhost:' + who.port });
      expect(stack.db.url).toBe(db.url);
      expect(stack.env.PGDATABASE).toBe(who.database);
      await db.query('BEGIN');
      await db.query('INSERT INTO items (name) VALUES ($1)', ['never committed']);
    });
    test('second', async ({ db }) => {
      expect((await db.query<{ name: string }>('SELECT name FROM items')).rows).toEqual([{ name: 'seeded' }]);
    });
  `,
    // A user's own fixtures named `stack` and `db` take nothing of ours over.
    'e2e/c.spec.ts': `
    import { expect, mergeTests, test as base } from '@playwright/test';
    import { test as stacks } from 'playwright-stacks';
    const own = base.extend<{ db: string }, { stack: string }>({
      stack: [async ({}, use) => use('their stack'), { scope: 'worker' }],
      db: async ({ stack }, use) => use('their db on ' + stack),
    });
    mergeTests(stacks, own)('merged', async ({ db, stack, request }) => {
      expect([db, stack]).toEqual(['their db on their stack', 'their stack']);
      expect(await (await request.get('/items')).json()).toHaveLength(1);
    });
    own('own only', async ({ db, request }) => {
      expect(db).toBe('their db on their stack');
      expect(await (await request.get('/items')).json()).toHaveLength(1);
    });
  `,
    'e2e/d.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('has its own server all the same', async ({ request, baseURL }) => {
        expect(process.env.PLAYWRIGHT_TEST_BASE_URL).toBe('http://localhost:3100');
        expect(baseURL).not.toContain('3100');
        expect((await request.get('/items')).ok()).toBe(true);
      });
    `,
  };
  const { output, exitCode } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 120_000 });
  expect(output).toContain('6 passed');
  expect(output).toContain('globalSetup reached slot 0: true');
  expect(output).toContain('returned function ran');
  expect(output).toContain('teardown sees 1 row');
  expect(exitCode).toBe(0);
});

test('STACKS=off runs exactly as without us, on the developer’s own server', async ({ project, run }) => {
  const files = {
    'playwright.config.ts': configText({
      server: '',
      config: `webServer: { command: 'node own.mjs', url: 'http://localhost:39817/' },
        use: { baseURL: 'http://localhost:39817' }`,
    }),
    'own.mjs': `import { createServer } from 'node:http';
      createServer((_, response) => response.end('the own server')).listen(39817, 'localhost');`,
    ...only(`
      import { expect, test } from 'playwright-stacks';
      test('own server', async ({ request, stack, db }) => {
        expect(await (await request.get('/')).text()).toBe('the own server');
        expect(stack.url).toBe('http://localhost:39817');
        expect(db.url).toBe('postgres://own');
      });
    `),
  };
  const env = { STACKS: 'off', DATABASE_URL: 'postgres://own' };
  const { output, events } = await run(await project('mini', { files }), [], { env });
  expect(output).toContain('1 passed');
  expect(output).not.toContain('[stacks]');
  expect(events).toEqual([]);
});

test('a CommonJS project and a JavaScript config work; a temporary folder with a long path is no obstacle', {
  tag: '@matrix',
}, async ({ project, run, sandbox }) => {
  const files = {
    'package.json': '{ "name": "cjs", "private": true }',
    'playwright.config.js': `
      const { defineConfig } = require('@playwright/test');
      const { withStacks } = require('playwright-stacks');
      module.exports = withStacks(defineConfig({ testDir: 'e2e' }), {
        database: { migrate: 'node sql.mjs migrations', inputs: ['migrations/**'] },
        server: { command: 'node app.mjs', url: '/healthz' },
      });
    `,
    ...only(`
      const { test } = require('playwright-stacks');
      const { expect } = require('@playwright/test');
      test('works', async ({ db, request }) => {
        expect((await db.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
        expect((await request.get('/items')).ok()).toBe(true);
      });
    `),
  };
  const mini = await project('mini', { files });
  const long = path.join(sandbox.scope.tmp, 'long/'.repeat(20));
  await mkdir(long, { recursive: true, mode: 0o755 });
  sandbox.expectLeak(/\/long/); // Made by this test itself.
  const command = ['test', '-c', 'playwright.config.js', '--reporter=dot'];
  const { output } = await run(mini, [], { command, env: { TMPDIR: long } });
  expect(output).toContain('1 passed');
  // Without our reporter everything works.
  expect(output).not.toContain('[stacks]');
  expect(output).not.toContain('ExperimentalWarning');
});

test('a test that starts Playwright starts a run of its own', { tag: '@matrix' }, async ({ project, run }) => {
  const inner = `
    import { test } from 'playwright-stacks';
    test('inner', async ({ db, stack }) => {
      await db.query("INSERT INTO items (name) VALUES ('inner')");
      console.log('INNER', stack.key);
    });`;
  const files = {
    'inner/a.spec.ts': inner,
    'inner.config.ts': configText().replace("testDir: 'e2e'", "testDir: 'inner'"),
    ...only(`
      import { execFileSync } from 'node:child_process';
      import { expect, test } from 'playwright-stacks';
      test('outer', async ({ db, stack }) => {
        test.setTimeout(120_000);
        const output = execFileSync('npx', ['playwright', 'test', '-c', 'inner.config.ts'], { encoding: 'utf8' });
        expect(output).toContain('1 passed');
        expect(output).toMatch(/INNER stk_/);
        expect(output).not.toContain('INNER ' + stack.key);
        await expect(db).toHaveChanged([]);
      });
    `),
  };
  const result = await run(await project('mini', { files }), []);
  expect(result.output).toContain('1 passed');
  expect(result.exitCode, result.output).toBe(0);
});
