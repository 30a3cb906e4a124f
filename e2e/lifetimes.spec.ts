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

test('a server that ends during a test is an event at once, fails that test, with its log, and is up again for the next', async ({
  project,
  run,
}) => {
  const files = only(`
    import { readFileSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    ${names}
    test('ends it', async ({ request }) => {
      await request.post('/items', { data: 'mine' });
      await request.post('/exit').catch(() => {});
      await expect.poll(() => readFileSync(process.env.STACKS_EVENTS, 'utf8')).toContain('"server-exited"');
    });
    test('is next', async ({ request }) => expect(await names(request)).toEqual(['seeded']));
  `);
  const { output, events } = await run(await project('mini', { files }), ['--workers=1']);
  expect(output).toMatch(
    /SERVER_EXITED: server "web" of slot 0 exited with code 3 while a test used it\.[\s\S]*\| told to exit/,
  );
  expect(output).toContain('1 failed');
  expect(output).toContain('1 passed');
  const ends = { title: 'ends it', titlePath: ['ends it'], file: 'a.spec.ts', project: '', retry: 0 };
  expect(events.filter(({ type }) => type === 'server-exited')).toMatchObject([
    { server: 'web', slot: 0, test: ends, when: 'during' },
  ]);
  const told = /^(stack-open|server-|test|run-ended)/;
  expect(events.flatMap(({ type }) => (told.test(type) ? [type] : []))).toEqual([
    ...['stack-opening', 'stack-opened', 'tests-planned'],
    ...['test-began', 'server-exited', 'test-ended', 'test-result'],
    ...['server-restarted', 'test-began', 'test-ended', 'test-result'],
    ...['run-ended', 'tests-over'],
  ]);
  const results = events.flatMap((event) => (event.type === 'test-result' ? [event] : []));
  expect(results).toMatchObject([
    { test: ends, outcome: 'failed', isFinal: true, slot: 0 },
    { test: { title: 'is next' }, outcome: 'passed', isFinal: true, slot: 0 },
  ]);
});
