// Playwright's own test agents (planner, generator, healer) work on a stack: they list and run tests, and plan on a page
// that stays open at the end of a test, beside `psql`.
import pg from 'pg';
import { test } from '../harness/cli.ts';
import { configText, only } from '../harness/config-text.ts';
import { expect } from '../harness/test.ts';
import { openTestMcpServer } from '../harness/test-mcp-server.ts';

const BROWSER = `use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] } },`;
const seed = `
  import { expect, test } from '@playwright/test';
  test('seed', async ({ page }) => {
    expect((await page.request.post('/items', { data: 'planned' })).status()).toBeLessThan(300);
    await page.goto('/items');
  });`;
const passes = `
  import { expect, test } from '@playwright/test';
  test('has the seeded item alone', async ({ request }) => {
    expect(await (await request.get('/items')).json()).toHaveLength(1);
  });`;

test('two sets of test agents at once list, run and plan, each on a database of its own, and stdout has their messages alone', async ({
  home,
  sandbox,
  project,
  cli,
}) => {
  test.setTimeout(300_000);
  const files = { ...only(passes), 'e2e/seed.spec.ts': seed, 'playwright.config.ts': configText({ config: BROWSER }) };
  const agents = await Promise.all(
    [1, 2].map(async () => {
      const mini = await project('mini', { files });
      return { mini, server: await openTestMcpServer(home, sandbox, mini) };
    }),
  );
  const databases = await Promise.all(
    agents.map(async ({ mini, server }) => {
      expect(await server.call('test_list')).toContain('has the seeded item alone');
      expect(await server.call('test_run', { locations: ['e2e/a.spec.ts'] })).toContain('1 passed');
      expect(await server.call('planner_setup_page', { seedFile: 'e2e/seed.spec.ts' })).toContain(
        'Paused at end of test',
      );
      expect(await server.call('browser_snapshot')).toContain('planned');
      const psql = await cli(['psql', '0'], { cwd: mini.folder });
      expect((await psql.exit).exitCode).toBe(0);
      const client = new pg.Client({ connectionString: psql.stdout().trim() });
      await client.connect();
      const { rows } = await client.query('SELECT count(*)::int AS items FROM items');
      await client.end();
      expect(rows).toEqual([{ items: 2 }]);
      return psql.stdout();
    }),
  );
  expect(databases[0]).not.toBe(databases[1]);
  for (const { server } of agents) {
    expect(await server.close()).toBe(0);
    expect(server.noise).toEqual([]);
  }
});
