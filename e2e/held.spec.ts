// Who holds a stack when another wants it.
import { configText, only } from './harness/config-text.ts';
import { heldTwice, heldTwiceProjects, heldTwiceWrites, holders, holdTwice } from './harness/held-twice.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('-x while a worker still tears down: the next worker of its slot waits for it', async ({ project, start }) => {
  const files = { ...heldTwice, 'playwright.config.ts': configText({ config: heldTwiceProjects }) };
  const mini = await project('mini', { files, mayWrite: heldTwiceWrites });
  const running = await start(mini, ['-x', '--project=main'], { timeout: 120_000 });
  await holdTwice(mini, running);
  const { output, exitCode } = await running.done;
  expect(output).toContain('3 passed'); // one of two tests, set-up and teardown
  expect(exitCode).toBe(1);
  expect(holders(running)).toBe('leased, released, leased, released, leased, released');
});

test('a session that holds what a rewind needs is REWIND_BUSY; the next worker rewinds', async ({ project, run }) => {
  // Rewinds exclude each other by this lock; the session ends with the worker.
  const spec = `
    import { expect, test } from '@playwright/test';
    import pg from 'pg';
    test('holds it', async ({ request }) => {
      await request.post('/items', { data: 'mine' });
      const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
      await client.connect();
      await client.query('SELECT pg_advisory_lock(7565931, 1)');
    });
    test('is next', async ({ request }) => expect(await (await request.get('/items')).json()).toHaveLength(1));
  `;
  const { output, exitCode } = await run(await project('mini', { files: only(spec) }), ['--workers=1']);
  expect(output).toContain('REWIND_BUSY: another session holds a lock on what was to be rewound, or rewinds itself.');
  expect(output).toContain('1 passed');
  expect(exitCode).toBe(1);
});
