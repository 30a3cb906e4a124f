// Ends of other kinds than a signal to the runner, and of runs beside each other, on both servers.
import { mkdir, rm } from 'node:fs/promises';
import { configText, miniDatabase, only } from '../harness/config-text.ts';
import { heldTwice, heldTwiceProjects, heldTwiceWrites, holders, holdTwice } from '../harness/held-twice.ts';
import { openTestServer } from '../harness/test-server.ts';
import { expect, SERVERS, test } from './row.ts';

const waits = `import { test } from '@playwright/test'; test('waits', () => new Promise(() => {}));`;
const began = (event: { readonly type: string }) => event.type === 'test-began';

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });

    test('--global-timeout', async ({ row }) => {
      const running = await row.start(await row.mini({ spec: waits }), ['--workers=1', '--global-timeout=6000']);
      const { output, exitCode } = await row.over(running);
      expect(output).toContain('Timed out waiting 6s for the');
      expect(exitCode).toBe(1);
    });

    test('-x while a worker of the same slot tears down', async ({ row }) => {
      const mini = await row.mini({ config: heldTwiceProjects, files: heldTwice, mayWrite: heldTwiceWrites });
      const running = await row.start(mini, ['-x', '--project=main']);
      await holdTwice(mini, running);
      const { output, exitCode } = await row.over(running);
      expect(output).toContain('3 passed');
      expect(exitCode).toBe(1);
      expect(holders(running)).toBe('leased, released, leased, released, leased, released');
    });

    for (const end of ['closes its socket', 'is terminated', 'is killed'] as const) {
      test(`the IDE ${end}`, async ({ row }) => {
        const server = await openTestServer(row.start, await row.mini());
        await server.setUp();
        expect((await server.click({ locations: ['e2e/a.spec.ts'] })).status).toBe('passed');
        if (end === 'closes its socket') server.disconnect();
        else server.running.kill(end === 'is killed' ? 'SIGKILL' : 'SIGTERM');
        await row.over(server.running);
      });
    }

    for (const end of ['SIGINT', 'SIGKILL'] as const) {
      test(`the checkout deleted, then ${end}`, async ({ row }) => {
        const mini = await row.mini({ spec: waits });
        const running = await row.start(mini);
        await running.waitForEvent(began, 120_000);
        await rm(mini.folder, { recursive: true });
        running.kill(end);
        await running.done;
        await mkdir(mini.folder, { recursive: true }); // where the look for leaks begins
        await row.over(running);
      });
    }

    test('a test takes all connections', async ({ row }) => {
      const spec = `
        import { expect, test } from '@playwright/test';
        import pg from 'pg';
        test('takes them', async () => {
          for (;;) {
            const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
            client.on('error', () => {});
            await client.connect();
          }
        });
        test('is next', async ({ request }) => {
          expect(await (await request.get('/items')).json()).toHaveLength(1);
        });
      `;
      const { output, exitCode } = await row.over(await row.start(await row.mini({ spec })));
      expect(output).toMatch(/too many clients|remaining connection slots/);
      expect(output).toContain('1 passed');
      expect(exitCode).toBe(1);
    });

    test('two runs at once in one checkout, one of them killed', async ({ row }) => {
      const mini = await row.mini({ mayWrite: ['one/', 'two/'] });
      const [one, two] = await Promise.all(['one', 'two'].map((name) => row.start(mini, [`--output=${name}`])));
      await two?.waitForEvent(({ type }) => type === 'template-ready', 120_000);
      two?.kill('SIGKILL');
      expect((await one?.done)?.exitCode).toBe(0);
      if (two) await row.over(two);
    });

    test('two checkouts of one project at once', async ({ row }) => {
      const running = await Promise.all(
        [1, 2].map(async () => row.start(await row.mini({ seedNonce: 'the same in both' }))),
      );
      await Promise.all(running.map(({ done }) => done)); // one may take longer than the other's end may
      for (const each of running) expect((await row.over(each)).exitCode).toBe(0);
    });

    test('two runs forced onto one port: the second says so, the first does not notice', async ({ row }) => {
      const looks = `
        import { existsSync } from 'node:fs';
        import { expect, test } from '@playwright/test';
        test('is alone', async ({ request }) => {
          const before = await (await request.get('/whoami')).json();
          await expect.poll(() => existsSync('go'), { timeout: 60_000 }).toBe(true);
          expect(await (await request.get('/whoami')).json()).toEqual(before);
        });
      `;
      const first = await row.mini({ config: 'timeout: 90_000', spec: looks, mayWrite: ['go'] });
      const one = await row.start(first);
      const opened = await one.waitForEvent(({ type }) => type === 'stack-opened', 60_000);
      const port = opened.type === 'stack-opened' ? opened.servers[0]?.port : undefined;
      await one.waitForEvent(began, 60_000);

      const taking = `{ command: 'PORT=$OTHERS node app.mjs', url: '/healthz', env: { OTHERS: '${port}' } }`;
      const two = await row.start(await row.mini({ server: taking }));
      await two.done;
      await first.write('go', '');
      expect((await one.done).exitCode).toBe(0);
      const refused = await row.over(two);
      expect(refused.output).toMatch(/SERVER_EXITED: server "web" of slot 0[\s\S]*EADDRINUSE/);
      expect(refused.output).toMatch(/1 failed\n[\s\S]*7 skipped/);
      expect(refused.exitCode).toBe(1);
    });
  });
}

test.describe('existing server', () => {
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
    const config = configText({ database: `url: process.env.TEST_URL, ${miniDatabase}` });
    const files = { ...only(looks), 'e2e/b.spec.ts': waits, 'playwright.config.ts': config };
    const mini = await project('mini', { files, mayWrite: ['stop'] });
    const options = { env: { TEST_URL: existingServer.url }, timeout: 280_000 };
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
});
