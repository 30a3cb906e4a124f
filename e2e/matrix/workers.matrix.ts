// A worker is killed: its test fails, and the next worker finds the slot's stack as every test does.
import { processesMarked } from '../harness/processes.ts';
import { unixSockets } from '../harness/sockets.ts';
import type { Project, Running } from '../harness/test.ts';
import { expect, type RowText, SERVERS, test } from './row.ts';

interface Killed {
  readonly spec: string;
  /** Where the worker does not do it to itself. */
  readonly kill?: (tag: string, mini: Project, running: Running) => Promise<void>;
  readonly text?: RowText;
  readonly workers?: number;
  /** What the run says of it. */
  readonly says: RegExp;
}

const head = `
  import { writeFileSync } from 'node:fs';
  import { expect, test } from 'playwright-stacks';
  import pg from 'pg';
  const connect = async () => {
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const killed = () => process.kill(process.pid, 'SIGKILL');
`;
const unexpectedly = /worker process exited unexpectedly/;

const ROWS: Readonly<Record<string, Killed>> = {
  'while it waits for its lease': {
    spec: `${head} test('passes', async ({ request }) => { await request.post('/items', { data: 'mine' }); });`,
    text: {
      server: `{
        command: 'test "$STACK_SLOT" = 0 || { touch began; until test -e go; do sleep 0.05; done; }; exec node app.mjs',
        url: '/healthz',
      }`,
    },
    workers: 2,
    kill: async (tag, mini, running) => {
      const began = running.events().find((event) => event.type === 'run-started');
      const folder = began?.type === 'run-started' ? began.folder : '-';
      // The listener, and two workers.
      const connected = () => unixSockets().filter(({ address }) => address === `${folder}/lease.sock`).length;
      await expect.poll(connected, { timeout: 30_000 }).toBe(3);
      hurtWorker(tag, 'SIGKILL');
      await mini.write('go', '');
    },
    says: unexpectedly,
  },
  'in a test': {
    spec: `${head} test('dies', async ({ request }) => {
      await request.post('/items', { data: 'mine' });
      killed();
    });`,
    says: unexpectedly,
  },
  // A transaction that has written and does not end is waited for, until its session has ended with the worker.
  'in a rewind': {
    spec: `${head}
      test('leaves a transaction open', async () => {
        await (await connect()).query("BEGIN; INSERT INTO items (name) VALUES ('open')");
      });
      test.afterEach(() => writeFileSync('began', ''));
    `,
    kill: async (tag, mini) => {
      await hasBegun(mini);
      hurtWorker(tag, 'SIGKILL');
    },
    says: unexpectedly,
  },
  'in a long db.query that would still insert afterwards': {
    spec: `${head} test('dies', async ({ db }) => {
      const looking = await connect();
      void db.query("WITH slept AS (SELECT pg_sleep(4)) INSERT INTO items (name) SELECT 'late' FROM slept").catch(() => {});
      await expect.poll(async () => {
        const running = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH slept%'";
        return (await looking.query(running)).rowCount;
      }).toBe(1);
      killed();
    });`,
    says: unexpectedly,
  },
  'in its teardown': {
    spec: `${head}
      test('passes', async ({ request }) => { await request.post('/items', { data: 'mine' }); });
      test.afterAll(() => killed());
    `,
    says: unexpectedly,
  },
};

/** None of the worker that was killed, and none of the statements that it had under way, now or later. */
const next = `${head} test('is next', async ({ request }) => {
  const looking = await connect();
  await expect.poll(async () => {
    const late = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH slept%'";
    return (await looking.query(late)).rowCount;
  }).toBe(0);
  await looking.end();
  expect(await (await request.get('/items')).json()).toHaveLength(1);
});`;

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });
    for (const [when, { spec, kill, text, workers = 1, says }] of Object.entries(ROWS)) {
      test(`SIGKILL to a worker ${when}`, async ({ row, sandbox }) => {
        const mini = await row.mini({ mayWrite: ['began', 'go'], ...text, spec, files: { 'e2e/b.spec.ts': next } });
        const running = await row.start(mini, [`--workers=${workers}`]);
        if (kill) await running.waitForEvent(({ type }) => type === 'test-began', 60_000);
        await kill?.(sandbox.scope.tag, mini, running);
        const { output, exitCode } = await row.over(running);
        expect.soft(output).toMatch(says);
        expect.soft(output).toMatch(/1 passed/);
        expect.soft(exitCode).toBe(1);
      });
    }

    test('a worker that is stopped, and SIGKILL to the runner', async ({ row, sandbox }) => {
      const running = await row.start(await row.mini({ spec: `${head} test('waits', () => new Promise(() => {}));` }));
      await running.waitForEvent(({ type }) => type === 'test-began', 60_000);
      hurtWorker(sandbox.scope.tag, 'SIGSTOP');
      running.kill('SIGKILL');
      await row.over(running);
    });
  });
}

async function hasBegun(mini: Project): Promise<void> {
  await expect.poll(() => mini.read('began').catch(() => 'not yet'), { timeout: 60_000 }).toBe('');
}

/** The one that was started last. */
function hurtWorker(tag: string, signal: 'SIGKILL' | 'SIGSTOP'): void {
  const workers = processesMarked([tag]).filter(({ command }) => command.includes('workerProcessEntry'));
  const { pid } = workers.at(-1) ?? {};
  if (pid === undefined) throw new Error('there is no worker');
  process.kill(pid, signal);
}
