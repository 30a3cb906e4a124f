// The runner is ended from outside in each of its phases, on both servers.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { miniDatabase } from '../harness/config-text.ts';
import { processesMarked } from '../harness/processes.ts';
import type { Project, Running } from '../harness/test.ts';
import { expect, type Row, type RowText, SERVERS, test } from './row.ts';

/** A command that says that it has begun, and does not end. */
const HELD = 'touch began; sleep 1000';

interface Phase {
  readonly text: RowText;
  /** Resolves when the run is in the midst of it. Default: its command has begun. */
  readonly reached?: (running: Running) => Promise<unknown>;
  /** @default 1 */
  readonly workers?: number;
}

const PHASES: Readonly<Record<string, Phase>> = {
  migrating: { text: { database: `migrate: '${HELD}'` } },
  cloning: { text: {}, reached: (running) => running.waitForEvent(({ type }) => type === 'template-ready', 60_000) },
  'preparing a clone': { text: { database: `${miniDatabase}, prepare: '${HELD}'` } },
  'booting a server': { text: { server: `{ command: '${HELD}' }` } },
  'slots open side by side': {
    text: { server: `{ command: 'node app.mjs & sleep 1000', url: '/never' }` },
    workers: 4,
    reached: async (running) => {
      const slots = new Set<number | undefined>();
      await running.waitForEvent((event) => {
        if (event.type === 'step-began' && event.step.startsWith('server ')) slots.add(event.stack?.slot);
        return slots.size === 4;
      }, 60_000);
    },
  },
  'running tests': {
    text: { spec: `import { test } from '@playwright/test'; test('waits', () => new Promise(() => {}));` },
    reached: (running) => running.waitForEvent(({ type }) => type === 'test-began', 60_000),
  },
  // A transaction that has written and does not end is waited for.
  rewinding: {
    text: {
      spec: `
        import { writeFileSync } from 'node:fs';
        import { test } from '@playwright/test';
        import pg from 'pg';
        test('leaves a transaction open', async () => {
          const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
          await client.connect();
          await client.query("BEGIN; INSERT INTO items (name) VALUES ('open')");
        });
        test.afterEach(() => writeFileSync('began', ''));
      `,
    },
  },
  'tearing down': {
    text: {
      server: `{
        command: 'trap "touch began; sleep 3; exit" TERM; node app.mjs & wait',
        url: '/healthz',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
      }`,
      spec: `import { test } from '@playwright/test'; test('passes', () => {});`,
    },
  },
};

const ENDS: Readonly<Record<string, (running: Running) => void>> = {
  SIGINT: (running) => running.kill('SIGINT', 'group'),
  'SIGINT, again and again': (running) => {
    running.kill('SIGINT', 'group');
    const again = setInterval(() => running.kill('SIGINT', 'group'), 300);
    running.done.finally(() => clearInterval(again)).catch(() => {}); // `over` has its error.
  },
  SIGTERM: (running) => running.kill('SIGTERM'),
  SIGHUP: (running) => running.kill('SIGHUP', 'group'),
  SIGKILL: (running) => running.kill('SIGKILL'),
};

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });
    for (const [end, kill] of Object.entries(ENDS)) {
      test(`${end} while starting Postgres`, async ({ row, sandbox }) => {
        const running = await (kind === 'embedded' ? initializes(row, sandbox.scope.tag) : connects(row));
        await killed(row, running, end, kill);
      });

      for (const [phase, { text, reached, workers = 1 }] of Object.entries(PHASES)) {
        test(`${end} while ${phase}`, async ({ row }) => {
          const mini = await row.mini({ mayWrite: ['began'], ...text });
          const running = await row.start(mini, [`--workers=${workers}`]);
          await (reached ? reached(running) : hasBegun(mini));
          await killed(row, running, end, kill);
        });
      }
    }
  });
}

async function killed(row: Row, running: Running, end: string, kill: (running: Running) => void): Promise<void> {
  expect(running.ended()).toBe(false);
  kill(running);
  const { output, exitCode, signal } = await row.over(running);
  if (end.startsWith('SIGINT')) expect(exitCode).toBe(130);
  else expect(signal ?? exitCode).toBe(end);
  expect(output).not.toMatch(/RUN_BROKEN|TEARDOWN_FAILED|Unhandled|node:internal/);
}

async function hasBegun(mini: Project): Promise<void> {
  await expect.poll(() => mini.read('began').catch(() => 'not yet'), { timeout: 60_000 }).toBe('');
}

/** With an empty cache, so that there is a cluster to be made. */
async function initializes(row: Row, tag: string): Promise<Running> {
  const mini = await row.mini();
  const running = await row.start(mini, [], { env: { STACKS_CACHE: 'test-results/cache' } });
  const isThere = () => processesMarked([tag]).some(({ name }) => name === 'postgres' || name === 'initdb');
  await expect.poll(isThere, { timeout: 60_000, intervals: [20] }).toBe(true);
  return running;
}

/** To a server that does not answer. */
async function connects(row: Row): Promise<Running> {
  const silent = createServer().listen(0, '127.0.0.1').unref();
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const env = { TEST_URL: `postgres://nobody@127.0.0.1:${port}/postgres` };
  const running = await row.start(await row.mini(), [], { env });
  await once(silent, 'connection');
  running.done.finally(() => silent.close()).catch(() => {}); // `over` has its error.
  return running;
}
