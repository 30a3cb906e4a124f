// Something of a run is killed or stopped while a test runs; the run goes on, or ends with one clear error.
import { type ExistingServer, startExistingServer } from '../harness/existing-server.ts';
import { type Process, processes, processesMarked } from '../harness/processes.ts';
import type { Running } from '../harness/test.ts';
import { expect, type RowText, SERVERS, test } from './row.ts';

interface Hurt {
  readonly who: (found: readonly Process[], running: Running, server: ExistingServer | undefined) => number | undefined;
  readonly text?: RowText;
  /** The existing server is one that nobody else uses. */
  readonly ownServer?: 'yes';
  /** What comes of it, by signal. */
  readonly ends: Readonly<Record<'SIGKILL' | 'SIGSTOP', End>>;
}

interface End {
  readonly exit: number;
  readonly says: RegExp;
  /** Where that is another on an existing server. */
  readonly existing?: End;
}

const passes = { exit: 0, says: /2 passed/ };
/** The tests pass, and nobody can connect any more to drop the databases. */
const cannotDrop = { exit: 1, says: /TEARDOWN_FAILED/ };
/** Where a server does not answer, the tests say so by themselves. */
const hangs = { exit: 1, says: /Timeout .*exceeded|timed? ?out/i };

const HURTS: Readonly<Record<string, Hurt>> = {
  'the app server': {
    who: (found) => found.find(({ name, command }) => name === 'node' && command.includes('app.mjs'))?.pid,
    ends: { SIGKILL: { exit: 1, says: /SERVER_EXITED: server "web" of slot 0 [\s\S]*1 passed/ }, SIGSTOP: hangs },
  },
  'a grandchild of the app server': {
    who: (found) => found.find(({ command }) => command === 'sleep 1000')?.pid,
    text: { server: `{ command: '(sleep 1000; true) & exec node app.mjs', url: '/healthz' }` },
    ends: { SIGKILL: passes, SIGSTOP: passes },
  },
  'the reaper': {
    who: (_, running) => running.events().find((event) => event.type === 'run-started')?.reaper,
    ends: { SIGKILL: passes, SIGSTOP: passes },
  },
  Postgres: {
    who: (found, _, server) => postmaster(server ? processes() : found, server?.port),
    ownServer: 'yes',
    ends: {
      SIGKILL: { exit: 1, says: /RUN_BROKEN[\s\S]*(POSTGRES_FAILED|DATABASE_UNREACHABLE)/ },
      SIGSTOP: { ...passes, existing: cannotDrop },
    },
  },
  'a backend of the application': {
    who: (found, running, server) => backend(server ? processes() : found, running),
    ownServer: 'yes',
    ends: { SIGKILL: { exit: 1, says: /RUN_BROKEN[\s\S]*(POSTGRES_FAILED|DATABASE_UNREACHABLE)/ }, SIGSTOP: hangs },
  },
};

const first = `
  import { existsSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  test('is hurt', async ({ request }) => {
    await expect.poll(() => existsSync('hurt'), { timeout: 30_000 }).toBe(true);
    expect(await (await request.get('/items', { timeout: 4_000 })).json()).toHaveLength(1);
  });
`;
const next = `
  import { expect, test } from '@playwright/test';
  test('is next', async ({ request }) => {
    expect(await (await request.get('/items', { timeout: 4_000 })).json()).toHaveLength(1);
  });
`;

for (const kind of SERVERS) {
  test.describe(`${kind} server`, () => {
    test.use({ kind });
    for (const [what, { who, text, ownServer, ends }] of Object.entries(HURTS)) {
      for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
        test(`${signal} to ${what}`, async ({ home, row, sandbox }) => {
          const own = kind === 'existing' && ownServer ? await startExistingServer(home) : undefined;
          try {
            const mini = await row.mini({ mayWrite: ['hurt'], ...text, spec: first, files: { 'e2e/b.spec.ts': next } });
            const running = await row.start(mini, ['--workers=1'], { env: own ? { TEST_URL: own.url } : {} });
            await running.waitForEvent(({ type }) => type === 'test-began', 60_000);
            const pid = who(processesMarked([sandbox.scope.tag]), running, own);
            expect(pid).toBeDefined();
            process.kill(pid ?? 0, signal);
            await mini.write('hurt', '');
            const { output, exitCode } = await (own ? row.back(own, running) : row.over(running));
            const { says, exit } = (kind === 'existing' && ends[signal].existing) || ends[signal];
            expect.soft(output).toMatch(says);
            expect.soft(exitCode).toBe(exit);
          } finally {
            await own?.stop();
          }
        });
      }
    }
  });
}

function postmaster(found: readonly Process[], port: number | undefined): number | undefined {
  const postgres = found.filter(({ name }) => name === 'postgres');
  const roots = postgres.filter(({ parent }) => !postgres.some(({ pid }) => pid === parent));
  return roots.find(({ command }) => port === undefined || command.includes(`port=${port} `))?.pid;
}

/** Postgres says in its backends' titles whose they are; the application's is older than ours. */
function backend(found: readonly Process[], running: Running): number | undefined {
  const opened = running.events().find((event) => event.type === 'stack-opened');
  const database = opened?.type === 'stack-opened' ? opened.database : '-';
  return found.find(({ command }) => new RegExp(`^postgres: .*\\b(postgres|app) ${database} .*idle`).test(command))
    ?.pid;
}
