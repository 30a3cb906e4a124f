// What lives shorter than a test: servers that end by themselves.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const names = `const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);`;

test('a server that ends during a test is an event at once, fails that test, with its log, and is up again for the next; too often in a row, it breaks the run', async ({
  project,
  run,
}) => {
  test.setTimeout(150_000);
  const config = configText({ server: `{ command: 'node app.mjs', url: '/healthz', restarts: 1 }` });
  const spec = only(`
    import { readFileSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    ${names}
    const exits = () => readFileSync(process.env.STACKS_EVENTS, 'utf8').split('"server-exited"').length - 1;
    for (const [title, times] of [['ends it', 1], ['is next', 0], ['ends it again', 2], ['and again', 3]]) {
      test(title, async ({ request }) => {
        expect(await names(request)).toEqual(['seeded']);
        if (times === 0) return;
        await request.post('/items', { data: 'mine' });
        await request.post('/exit').catch(() => {});
        await expect.poll(exits).toBe(times);
      });
    }
    test('cannot begin', () => {});
    test('is skipped', () => {});
  `);
  const mini = await project('mini', { files: { ...spec, 'playwright.config.ts': config } });
  const { output, events, exitCode } = await run(mini, ['--workers=1'], { timeout: 120_000 });
  expect(output).toMatch(
    /SERVER_EXITED: server "web" of slot 0 exited with code 3 while a test used it\.[\s\S]*\| told to exit/,
  );
  expect(output).toMatch(/4 failed\n[\s\S]*1 skipped\n[\s\S]*1 passed/);
  expect(output).toMatch(
    /SERVER_EXITED: server "web" of slot 0 ended by itself 2 times in a row; no test passed in between\.\n[\s\S]*first during, or after {2}a\.spec\.ts › ends it again/,
  );
  expect(events.filter(({ type }) => type === 'run-broken')).toHaveLength(1);
  expect(exitCode).toBe(1);
  const ends = { title: 'ends it', titlePath: ['ends it'], file: 'a.spec.ts', project: '', retry: 0 };
  expect(events.filter(({ type }) => type === 'server-exited')).toMatchObject([
    { server: 'web', slot: 0, test: ends, when: 'during' },
    { test: { title: 'ends it again' } },
    { test: { title: 'and again' } },
  ]);
  const told = /^(stack-open|server-|test|run-ended)/;
  const types = events.flatMap(({ type }) => (told.test(type) ? [type] : []));
  // While the server boots Playwright loads the tests, and starts the worker.
  expect(types[0]).toBe('stack-opening');
  expect(types.slice(1, 4).sort()).toEqual(['stack-opened', 'test-started', 'tests-planned']);
  expect(types.slice(4, 13)).toEqual([
    ...['test-began', 'server-exited', 'test-ended', 'test-result'],
    ...['test-started', 'server-restarted', 'test-began', 'test-ended', 'test-result'],
  ]);
  expect(types.slice(-2)).toEqual(['run-ended', 'tests-over']);
  const results = events.flatMap((event) => (event.type === 'test-result' ? [event] : []));
  expect(results.slice(0, 2)).toMatchObject([
    { test: ends, outcome: 'failed', isFinal: true, slot: 0 },
    { test: { title: 'is next' }, outcome: 'passed', isFinal: true, slot: 0 },
  ]);
});
