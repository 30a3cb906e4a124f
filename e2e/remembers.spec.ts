// What an application still does, or still knows, when the database has gone back: small ones, and what helps each.
import { configText, only } from './harness/config-text.ts';
import { documentedOptions, remembers, WAYS } from './harness/remembers.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const AUDIT = 'CREATE TABLE audit (item integer NOT NULL REFERENCES items (id));';

/** Nobody awaits the audit row, and nobody catches its error: it comes 60 ms after the answer, or with the next request. */
const LATE = `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 4 });
  pool.on('error', () => {});
  const audited = [];
  const audit = async () => {
    for (const id of audited.splice(0)) await pool.query('INSERT INTO audit VALUES ($1)', [id]);
  };
  createServer(async (request, response) => {
    if (process.env.AUDIT === 'with the next request') audit();
    if (request.method === 'POST') {
      const { rows } = await pool.query("INSERT INTO items (name) VALUES ('mine') RETURNING id");
      audited.push(rows[0].id);
      if (!process.env.AUDIT) setTimeout(audit, 60);
    }
    const { rows } = await pool.query('SELECT id FROM items UNION ALL SELECT item FROM audit');
    response.end(JSON.stringify(rows));
  }).listen(process.env.PORT, 'localhost');`;

test('@matrix a server that ends of what an earlier test had left under way is put down to that test; once seen, it is waited for', async ({
  project,
  run,
}) => {
  test.setTimeout(150_000);
  const server = (rest: string) => configText({ server: `{ command: 'node late.mjs', url: '/'${rest} }` });
  const files = { 'late.mjs': LATE, 'migrations/002_audit.sql': AUDIT };
  const blamed = only(`
    import { expect, test } from '@playwright/test';
    test('creates an item', async ({ request }) => {
      await request.post('/');
    });
    test('looks at the items', async ({ request }) => {
      for (;;) expect(await (await request.get('/')).json()).toHaveLength(1);
    });
    test('finds the server again', async ({ request }) => {
      expect(await (await request.get('/')).json()).toHaveLength(1);
    });`);
  const first = await project('mini', {
    files: { ...files, ...blamed, 'playwright.config.ts': server(`, env: { AUDIT: 'with the next request' }`) },
  });
  const { output } = await run(first, ['--workers=1']);
  expect(output).toMatch(
    /SERVER_EXITED: server "web" of slot 0 exited with code 1 \d+ ms after what 'creates an item' had done was rewound: the test that ran then is innocent\.\n +to blame +a\.spec\.ts › creates an item\n +error +insert or update on table "audit" violates foreign key constraint "audit_item_fkey"\n +statement +INSERT INTO audit VALUES \(\$1\)/,
  );
  expect(output).toMatch(/hint: it wrote after it had answered.*`server\.restart: 'test'`/);
  expect(output).toMatch(/1 failed\n[\s\S]*looks at the items[\s\S]*2 passed/);

  const many = only(`
    import { expect, test } from '@playwright/test';
    for (let n = 0; n < 60; n += 1) {
      test('creates an item ' + n, async ({ request }) => {
        expect(await (await request.get('/')).json()).toHaveLength(1);
        await request.post('/');
      });
    }`);
  const second = await project('mini', { files: { ...files, ...many, 'playwright.config.ts': server('') } });
  const learns = await run(second, ['--workers=1']);
  expect(learns.output).toMatch(
    /server "web" writes up to \d+ ms after its last statement: rewinds wait until it was quiet for \d+ ms/,
  );
  const seen = learns.events.findIndex((event) => event.type === 'late-writes' || event.type === 'server-exited');
  const failed = (from: number) =>
    learns.events.slice(from).filter((event) => event.type === 'test-ended' && event.status !== 'passed').length;
  expect(failed(seen)).toBeLessThanOrEqual(1); // the one that saw it
  const again = await run(second, ['--workers=1']);
  expect(again.output).toContain('60 passed');
  expect(again.output).not.toContain('late writes');
});

test('@matrix each way to remember meets the next test, and with the options of its page does not', async ({
  project,
  run,
}) => {
  test.setTimeout(240_000);
  const files = { ...only(WAYS), ...remembers };
  const plain = configText({
    server: `{ command: 'node app.mjs', url: '/healthz', idle: { quiet: 0 }, env: { UPLOADS: 'test-results/uploads' } }`,
  });
  const without = await run(await project('mini', { files: { ...files, 'playwright.config.ts': plain } }), [
    '--workers=1',
  ]);
  const failed = without.events.flatMap((event) =>
    event.type === 'test-ended' && event.status !== 'passed' ? [event.test.title.replace(/ is gone$/, '')] : [],
  );
  expect(failed).toEqual([
    'a permission in a cache',
    'a session',
    'a search index',
    'the messages of a hub',
    'the highest id',
    'a job',
    'a buffer',
    'a file',
  ]);
  expect(without.output).toContain('does the application still remember them');

  const cured = configText(documentedOptions());
  const withAll = await run(await project('mini', { files: { ...files, 'playwright.config.ts': cured } }), [
    '--workers=1',
  ]);
  expect(withAll.output).toContain('18 passed');
});
