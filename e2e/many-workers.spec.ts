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
  const config = configText({ config: 'timeout: 60_000,', options: 'build: "true",' });
  const mini = await project('mini', {
    files: { 'playwright.config.ts': config, ...only(spec), ...Object.fromEntries(specs) },
  });
  const { output, exitCode } = await run(mini, ['--workers=12'], { timeout: 200_000 });
  expect(output).not.toContain('MaxListenersExceededWarning');
  expect(output).toContain('13 passed');
  expect(exitCode).toBe(0);
});
