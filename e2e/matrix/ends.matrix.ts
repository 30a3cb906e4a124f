// Ends that take too long, or too many processes, for every run of the tests: the rest is in killed.spec.ts and in chaos.
import { mkdir, rm } from 'node:fs/promises';
import { configText, miniDatabase, only } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';

const existing = configText({ database: `url: process.env.TEST_URL, ${miniDatabase}` });
const waits = `
  import { test } from '@playwright/test';
  test('waits', () => new Promise(() => {}));
`;

test.describe('ends', () => {
  test('eight runs on one server, one of them killed again and again', async ({ project, start, existingServer }) => {
    const looks = `
      import { existsSync } from 'node:fs';
      import { expect, test } from '@playwright/test';
      test('is alone', async ({ request }) => {
        test.setTimeout(0);
        await request.post('/items', { data: 'mine' });
        const before = await (await request.get('/whoami')).json();
        while (!existsSync('stop')) {
          expect(await (await request.get('/items')).json()).toHaveLength(2);
          expect(await (await request.get('/whoami')).json()).toEqual(before);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      });
    `;
    const files = { ...only(looks), 'e2e/b.spec.ts': waits, 'playwright.config.ts': existing };
    const mini = await project('mini', { files, mayWrite: ['stop'] });
    const options = { env: { TEST_URL: existingServer.url }, timeout: 280_000 };
    const began = (event: { readonly type: string }) => event.type === 'test-began';
    const others = await Promise.all(Array.from({ length: 7 }, () => start(mini, ['a.spec', '--workers=1'], options)));
    for (let round = 0; round < 5; round += 1) {
      const victim = await start(mini, ['b.spec', '--workers=1'], options);
      if (round % 2 === 0) await victim.waitForEvent(began, 120_000);
      else await victim.waitForEvent(({ type }) => type === 'template-ready', 120_000);
      victim.kill('SIGKILL');
      await victim.done;
    }
    await Promise.all(others.map((other) => other.waitForEvent(began, 120_000)));
    await mini.write('stop', '');
    const results = await Promise.all(others.map(({ done }) => done));
    expect(results.map(({ exitCode }) => exitCode)).toEqual(Array(7).fill(0));
  });

  for (const end of ['SIGINT', 'SIGKILL'] as const) {
    test(`the checkout deleted under a run, then ${end}`, async ({ project, start, existingServer }) => {
      const mini = await project('mini', { files: { ...only(waits), 'playwright.config.ts': existing } });
      const running = await start(mini, ['--workers=1'], { env: { TEST_URL: existingServer.url } });
      await running.waitForEvent((event) => event.type === 'test-began', 120_000);
      await rm(mini.folder, { recursive: true });
      running.kill(end);
      await running.done;
      await mkdir(mini.folder, { recursive: true }); // where the look for leaks begins
    });
  }
});
