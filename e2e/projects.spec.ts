// Several projects: set-up, dependents, teardown, repetitions, variants; by command line and by click. One without a stack:
// isolation.spec.ts.
import { configText } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';
import { openTestServer } from './harness/test-server.ts';

test.use({ templates: 'shared' });

const projects = `
  { name: 'setup', testMatch: /setup/, teardown: 'cleanup' },
  { name: 'cleanup', testMatch: /cleanup/ },
  { name: 'shop', testMatch: /shop/, dependencies: ['setup'], repeatEach: 2 },
  { name: 'admin', testMatch: /shop/, dependencies: ['setup'], use: { stack: 'admin' } },
`;
const helpers = `
  import { expect, test } from '@playwright/test';
  const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);
  const add = (request, data) => request.post('/items', { data });
`;
const files = {
  'playwright.config.ts': configText({
    config: `projects: [${projects}]`,
    options: `variants: { admin: { server: { command: 'node app.mjs', url: '/healthz', env: { GREETING: 'admin' } } } }`,
  }),
  'e2e/setup.spec.ts': `${helpers}
    test('sets up', async ({ request }) => expect((await add(request, 'of setup')).status()).toBe(200));
  `,
  'e2e/shop.spec.ts': `${helpers}
    for (const n of [1, 2]) {
      test('shops ' + n, async ({ request }, { project }) => {
        const { greeting } = await (await request.get('/whoami')).json();
        expect(greeting).toBe(project.name === 'admin' ? 'admin' : undefined);
        expect(await names(request)).toEqual(['seeded', 'of setup']);
        expect(await (await add(request, 'mine')).json()).toEqual({ id: 3, name: 'mine' });
      });
    }
  `,
  'e2e/cleanup.spec.ts': `${helpers}
    test('cleans up', async ({ request }) => expect(await names(request)).toEqual(['seeded', 'of setup']));
  `,
  ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`e2e/${name}.spec.ts`, ''])),
};

test('set-up, dependents, repetitions, a variant, teardown', async ({ project, run }) => {
  const { output, exitCode } = await run(await project('mini', { files }), [], { timeout: 120_000 });
  expect(output).toContain('8 passed');
  expect(exitCode).toBe(0);
});

test('clicks on a setup project, its dependents, and the setup project again', { tag: '@matrix' }, async ({
  project,
  start,
}) => {
  const server = await openTestServer(start, await project('mini', { files }), { timeout: 240_000 });
  await server.setUp();
  for (const name of ['setup', 'shop', 'setup', 'admin']) {
    const { tests, errors } = await server.click({ projects: [name] });
    expect(errors).toEqual([]);
    expect(tests.map(({ status, errors }) => [name, status, errors])).toEqual(tests.map(() => [name, 'passed', []]));
    expect(tests.length).toBeGreaterThan(0);
  }
  await server.close();
});
