// A test goes to its slot's server, and not to the developer's, which listens on the port of development meanwhile.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('tests that go to the development server fail; what is mocked, and the slot’s own, is right', async ({
  project,
  run,
}) => {
  const requests: string[] = [];
  const decoy = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.end('of the developer');
  }).listen(0, 'localhost');
  await once(decoy, 'listening');
  const address = decoy.address();
  const origin = `http://localhost:${typeof address === 'object' ? address?.port : 0}`;
  const spec = `
    import { expect, test } from '@playwright/test';
    test('own', async ({ page, request }) => {
      expect((await request.get('/healthz')).ok()).toBe(true);
      await page.route('${origin}/api', (route) => route.fulfill({ body: 'mocked' }));
      await page.goto('/healthz');
      expect(await page.evaluate(() => fetch('${origin}/api', { mode: 'no-cors' }).then(() => 'answered'))).toBe('answered');
    });
    test('requests', async ({ request }) => {
      expect(await (await request.get('${origin}/by-request')).text()).toBe('of the developer');
    });
    test('goes', async ({ page }) => {
      await page.goto('${origin}/by-page');
    });
  `;
  const server = `{ command: 'node app.mjs', url: '${origin}/healthz' }`;
  const launch = `use: { launchOptions: { executablePath: process.env.CHROMIUM_PATH } },`;
  const projects = `projects: [{ name: 'own', testMatch: 'a.spec.ts' }, { name: 'merged', testMatch: 'b.spec.ts' }],`;
  const merged = `defineConfig(wrapped, { projects: [{ name: 'merged', use: { baseURL: '${origin}' } }] })`;
  const files = {
    'playwright.config.ts': `${configText({ server, config: `${launch} ${projects}` }).replace('export default', 'const wrapped =')}
      export default ${merged};`,
    ...only(spec),
    'e2e/b.spec.ts': `
      import { test } from '@playwright/test';
      test('by the merged config', async ({ request }) => void (await request.get('/by-merged')));
      const extended = test.extend({ baseURL: '${origin}/extended/' });
      extended('by an extended test', async ({ request }) => void (await request.get('by-extended')));
    `,
  };
  const mini = await project('mini', { files });
  const { output, exitCode } = await run(mini, ['--workers=1'], {
    env: { APP_URL: `${origin}/app` },
    timeout: 150_000,
  });
  decoy.close();
  expect(output).toContain(
    `APP_URL (environment) names your development server in every slot; if a server reads it, write there: env: { APP_URL: 'http://localhost:{port:web}/app' }`,
  );
  expect(
    output.match(new RegExp(`DEVELOPMENT_ORIGIN: the test went to ${origin}, the development server`, 'g'))?.length,
  ).toBeGreaterThanOrEqual(4);
  expect(output).toContain('4 failed');
  expect(output).toContain('1 passed');
  expect(requests.filter((url) => url !== '/favicon.ico')).toEqual([
    '/by-request',
    '/by-page',
    '/by-merged',
    '/extended/by-extended',
  ]);
  expect(exitCode).toBe(1);
});
