// More slots than one usually has.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('a dozen slots that open at once print no warning of Node’s', { tag: '@matrix' }, async ({ project, run }) => {
  const spec = `
    import { test } from '@playwright/test';
    test('passes', async ({ request }) => { await request.get('/items'); });
  `;
  const specs = Array.from({ length: 12 }, (_, n) => [`e2e/${n}.spec.ts`, spec] as const);
  const config = configText({
    config: 'timeout: 60_000,',
    options: 'build: "true",',
    server: `{ command: 'node all-at-once.mjs', url: '/healthz', timeout: 120_000 }`,
  });
  // But for one, none is ready before all of them are awaited.
  const server = `
    import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
    mkdirSync('begun', { recursive: true });
    writeFileSync('begun/' + process.env.PORT, '');
    const isFirst = readdirSync('begun').length === 1;
    while (!isFirst && readdirSync('begun').length < 12) await new Promise((resolve) => setTimeout(resolve, 50));
    await import('./app.mjs');
  `;
  const mini = await project('mini', {
    files: {
      'playwright.config.ts': config,
      'all-at-once.mjs': server,
      ...only(spec),
      ...Object.fromEntries(specs),
    },
    mayWrite: ['begun/'],
  });
  const { output, exitCode } = await run(mini, ['--workers=12'], { timeout: 200_000 });
  expect(output).not.toContain('MaxListenersExceededWarning');
  expect(output).toContain('13 passed');
  expect(exitCode).toBe(0);
});
