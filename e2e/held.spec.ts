// Who holds a stack when another wants it: a session of a test. A worker that tears down: matrix/ends.matrix.ts.
import { only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('a session that holds what a rewind needs is REWIND_BUSY; the next worker rewinds', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
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
