// What others do with what is a run's: its databases, its connections, its numbers.
import { spawn } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { type ExistingServer, startExistingServer } from '../harness/existing-server.ts';
import type { Running } from '../harness/test.ts';
import { expect, SERVERS, test } from './row.ts';

const untilGo = `
  import { existsSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  test('waits', () => expect.poll(() => existsSync('go'), { timeout: 15_000 }).toBe(true));
`;
const began = (event: { readonly type: string }) => event.type === 'test-began';

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });

    test('a person’s session on a clone that is to be dropped is ended, after a message', async ({
      row,
      existingServer,
    }) => {
      const mini = await row.mini({ spec: untilGo, mayWrite: ['go'] });
      const running = await row.start(mini);
      await running.waitForEvent(began, 60_000);
      const person = personOn(running, existingServer);
      const told: string[] = [];
      person.on('error', ({ message }) => told.push(message));
      await person.connect();
      await mini.write('go', '');
      const { exitCode, output } = await row.over(running);
      expect(exitCode).toBe(0);
      expect(output).not.toContain('TEARDOWN_FAILED');
      const ends = kind === 'embedded' ? /terminating connection|terminated unexpectedly/ : /terminating connection/;
      expect(told[0]).toMatch(ends);
    });

    test('a pid that another process has by now', async ({ row }) => {
      const mini = await row.mini({ spec: untilGo, mayWrite: ['go'] });
      const running = await row.start(mini);
      const started = await running.waitForEvent(({ type }) => type === 'run-started');
      await running.waitForEvent(began, 60_000);
      const stranger = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
      try {
        if (started.type !== 'run-started') throw new Error('it has not begun');
        process.kill(started.reaper, 'SIGKILL');
        const entry = { kind: 'group', title: 'server "old"', pid: stranger.pid, started: '1' };
        const line = `\n${JSON.stringify({ id: 1000, entry })}\n`;
        await appendFile(path.join(started.folder, 'journal.ndjson'), line);
        running.kill('SIGKILL');
        await running.done;
        const next = await row.start(await row.mini({ spec: '' }), ['--pass-with-no-tests']);
        expect((await row.over(next)).exitCode).toBe(0);
        expect(stranger.exitCode ?? stranger.signalCode).toBe(null);
      } finally {
        stranger.kill('SIGKILL');
      }
    });
  });
}

test.describe('existing server', () => {
  test.use({ kind: 'existing' });

  test('max_connections reached by others', async ({ home, row }) => {
    const own = await startExistingServer(home);
    const others: pg.Client[] = [];
    try {
      for (;;) {
        const client = new pg.Client({ connectionString: own.url });
        client.on('error', () => {});
        if (
          !(await client.connect().then(
            () => true,
            () => false,
          ))
        )
          break;
        others.push(client);
      }
      const { output, exitCode } = await row.over(
        await row.start(await row.mini(), [], { env: { TEST_URL: own.url } }),
      );
      expect(output).toMatch(/DATABASE_FULL: Postgres at \S+ had no free connection within \d+ ms\./);
      expect(output).not.toMatch(/Running \d+ test/);
      expect(exitCode).toBe(1);
    } finally {
      await Promise.all(others.map((client) => client.end()));
      await own.stop();
    }
  });
});

/** As `psql` would be, with the most rights that there are. */
function personOn(running: Running, { url }: ExistingServer): pg.Client {
  const events = running.events();
  const opened = events.find((event) => event.type === 'stack-opened');
  const ready = events.find((event) => event.type === 'postgres-ready');
  if (opened?.type !== 'stack-opened' || ready?.type !== 'postgres-ready') throw new Error('there is no stack');
  const { database } = opened;
  if (ready.folder !== undefined)
    return new pg.Client({ host: path.join(ready.folder, 's'), port: ready.port, user: 'postgres', database });
  const there = new URL(url);
  there.pathname = database;
  return new pg.Client({ connectionString: there.href });
}
