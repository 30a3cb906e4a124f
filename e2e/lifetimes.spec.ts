// What lives longer or shorter than a test: data of globalSetup, servers that end by themselves.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const names = `const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);`;

test('what globalSetup writes is on every stack', async ({ project, run }) => {
  const spec = `
    import { expect, test } from '@playwright/test';
    ${names}
    for (const n of [1, 2]) {
      test('finds it ' + n, async ({ request }) => {
        expect(await names(request)).toEqual(['seeded', 'of globalSetup']);
        expect(await (await request.post('/items', { data: 'mine' })).json()).toEqual({ id: 3, name: 'mine' });
      });
    }`;
  const files = {
    ...only(spec),
    'e2e/b.spec.ts': spec,
    'playwright.config.ts': configText({ config: `globalSetup: './global-setup.ts'` }),
    'global-setup.ts': `
      export default async ({ projects: [{ use }] }) => {
        const response = await fetch(use.baseURL + '/items', { method: 'POST', body: 'of globalSetup' });
        if (!response.ok) throw new Error(await response.text());
      };`,
  };
  const { output, events } = await run(await project('mini', { files }), ['--workers=2']);
  expect(output).toContain('4 passed');
  expect(new Set(events.flatMap((event) => (event.type === 'leased' ? [event.slot] : []))).size).toBe(2);
});

test('a server that ends during a test fails that test, with its log, and is up again for the next', async ({
  project,
  run,
}) => {
  const files = only(`
    import { expect, test } from '@playwright/test';
    ${names}
    test('ends it', async ({ request }) => {
      await request.post('/items', { data: 'mine' });
      await request.post('/exit').catch(() => {});
      await expect.poll(() => request.get('/healthz').then(() => 'up', () => 'down')).toBe('down');
    });
    test('is next', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
  `);
  const { output, events } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toMatch(
    /SERVER_EXITED: server "web" of slot 0 exited with code 3 while a test used it\.[\s\S]*\| told to exit/,
  );
  expect(output).toContain('1 failed');
  expect(output).toContain('1 passed');
  expect(events.filter(({ type }) => type === 'server-restarted')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
});
