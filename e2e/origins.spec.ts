// A test goes to its slot's server, and not to the developer's, which listens on the port of development meanwhile.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
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
  const projects = `projects: [{ name: 'own', testMatch: 'a.spec.ts' }, { name: 'merged', testMatch: 'b.spec.ts' }, { name: 'server', testMatch: 'c.spec.ts' }],`;
  const merged = `defineConfig(wrapped, { projects: [{ name: 'merged', use: { baseURL: '${origin}' } }] })`;
  const files = {
    'playwright.config.ts': `${configText({ server, config: `${launch} ${projects}` }).replace('export default', 'const wrapped =')}
      export default ${merged};`,
    ...only(spec),
    'app.mjs': asking(`${origin}/by-server`),
    'e2e/c.spec.ts': `
      import { test } from '@playwright/test';
      test('by the server', async ({ request }) => void (await request.get('/asks')));
    `,
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
  expect(output).toContain(
    `DEVELOPMENT_ORIGIN: server "web" of slot 0 was connected to ${origin}, the development server; this slot’s is http://localhost:`,
  );
  expect(output).toContain('5 failed');
  expect(output).toContain('1 passed');
  expect(requests.filter((url) => url !== '/favicon.ico')).toEqual([
    '/by-request',
    '/by-page',
    '/by-merged',
    '/extended/by-extended',
    '/by-server',
  ]);
  expect(exitCode).toBe(1);
});

test('a front end’s config that names the development server ends the run before anything is made', async ({
  project,
  run,
}) => {
  const server = `[{ name: 'web', command: 'npx vite --port {port}' }, { name: 'api', command: 'node app.mjs', url: 'http://localhost:4000/healthz' }]`;
  const mini = await project('mini', {
    files: {
      'playwright.config.ts': configText({ server }),
      'vite.config.ts': `export default { server: { proxy: { '/api': 'http://localhost:4000' } } };`,
    },
  });
  const { output, exitCode } = await run(mini, []);
  expect(output).toContain(`
  vite.config.ts:1 names http://localhost:4000, your development server. Write process.env.API_URL ?? 'http://localhost:4000' there, and in server "web": env: { API_URL: '{url:api}' }`);
  expect(output).not.toContain('template');
  expect(exitCode).toBe(1);
});

/** The app of fixtures/mini, whose `/asks` asks `url`. */
function asking(url: string): string {
  const app = readFileSync(new URL('../fixtures/mini/app.mjs', import.meta.url), 'utf8');
  return app.replace('const routes = {', `const routes = { 'GET /asks': async () => (await fetch('${url}')).text(),`);
}
