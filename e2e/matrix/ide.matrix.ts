// The IDE's test explorer, where it takes long: a config that changes, a stack that breaks and is mended.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { configText } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';
import { openTestServer } from '../harness/test-server.ts';

test('an edited config holds from the next click on: tests at once, stacks when the IDE has started anew', async ({
  project,
  start,
}) => {
  const config = (timeout: number, greeting: string) =>
    configText({
      config: `timeout: ${timeout}`,
      server: `{ command: 'node app.mjs', url: '/healthz', env: { GREETING: '${greeting}' } }`,
    }).replace('timeout: 20_000,', '');
  const files = {
    'playwright.config.ts': config(10_000, 'before'),
    'e2e/a.spec.ts': `
      import { expect, test } from '@playwright/test';
      test('says', async ({ request }, { project: { timeout } }) => {
        const { greeting } = await (await request.get('/whoami')).json();
        expect.soft([timeout, greeting]).toEqual([11_000, 'after']);
      });`,
  };
  const mini = await project('mini', { files });
  const first = await openTestServer(start, mini);
  await first.setUp();
  const received = ({ tests }: Awaited<ReturnType<typeof first.click>>) => tests.map(({ status }) => status);
  expect(received(await first.click({ locations: ['e2e/a.spec.ts'] }))).toEqual(['failed']);
  await mini.write('playwright.config.ts', config(11_000, 'after'));
  expect(received(await first.click({ locations: ['e2e/a.spec.ts'] }))).toEqual(['failed']);
  await first.close();
  const second = await openTestServer(start, mini);
  await second.setUp();
  expect(received(await second.click({ locations: ['e2e/a.spec.ts'] }))).toEqual(['passed']);
  await second.close();
});

test('a stack that cannot be opened fails one test of its click, and is tried again at the next', async ({
  project,
  start,
}) => {
  const files = {
    'playwright.config.ts': configText({ server: `{ command: 'test -e good && exec node app.mjs', url: '/healthz' }` }),
    good: '',
  };
  const mini = await project('mini', { files });
  const server = await openTestServer(start, mini);
  await server.setUp();
  await rm(path.join(mini.folder, 'good'));
  const broken = await server.click();
  const failed = broken.tests.filter(({ status }) => status === 'failed');
  expect(failed).toHaveLength(1);
  expect(failed[0]?.errors.join()).toMatch(/SERVER_EXITED: server "web" of slot [01]/);
  expect(broken.tests.filter(({ status }) => status === 'skipped').length).toBeGreaterThan(0);
  await mini.write('good', '');
  const mended = await server.click();
  expect(mended.tests.map(({ status }) => status)).toEqual(Array(8).fill('passed'));
  await server.close();
});
