// A row of the matrix of ends: on the embedded server or on an existing one, beside runs that must not notice.
import { type Bystander, makeBystander, type ServerKind } from '../chaos/projects.ts';
import { type ConfigText, configText, miniDatabase, only } from '../harness/config-text.ts';
import { describeLeaks, findLeaks } from '../harness/leaks.ts';
import type { RunResult } from '../harness/run.ts';
import { openSandbox } from '../harness/sandbox.ts';
import {
  test as base,
  type ExistingServer,
  expect,
  type Project,
  type Running,
  type RunOptions,
} from '../harness/test.ts';
import { untilClean } from '../harness/until-clean.ts';

export { expect } from '../harness/test.ts';

export interface RowText extends ConfigText {
  /** The only spec file; absent: fixtures/mini's own four. */
  readonly spec?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly mayWrite?: readonly string[];
  readonly seedNonce?: string;
}

export interface Row {
  /** fixtures/mini on the server of this row. */
  readonly mini: (text?: RowText) => Promise<Project>;
  readonly start: (project: Project, args?: readonly string[], options?: RunOptions) => Promise<Running>;
  /** Waits for the run's end, and until nothing of it is left, which takes no more than 5 s. Both are in the table. */
  readonly over: (running: Running) => Promise<RunResult>;
  /** The same, of what can only be removed when its own server is back: the next run does it. */
  readonly back: (own: ExistingServer, running: Running) => Promise<RunResult>;
}

interface RowFixtures {
  readonly kind: ServerKind;
  readonly row: Row;
  readonly unharmed: undefined;
}

/** The kinds of `test.use({ kind })`. */
export const SERVERS: readonly ServerKind[] = ['embedded', 'existing'];

export const test = base.extend<RowFixtures, { bystanders: readonly Bystander[] }>({
  kind: ['embedded', { option: true }],
  row: async ({ kind, existingServer, sandbox, project, start }, use) => {
    const row: Row = {
      mini: ({ spec, files, mayWrite = [], seedNonce, ...text } = {}) => {
        const config = { 'playwright.config.ts': configText({ ...text, database: databaseOn(kind, text.database) }) };
        return project('mini', {
          files: { ...config, ...(spec !== undefined && only(spec)), ...files },
          mayWrite,
          ...(seedNonce && { seedNonce }),
        });
      },
      start: (mini, args = ['--workers=1'], options = {}) =>
        start(mini, args, { timeout: 120_000, ...options, env: { TEST_URL: existingServer.url, ...options.env } }),
      over: async (running) => {
        const result = await running.done;
        const { seconds, late } = await untilClean(() => findLeaks(sandbox.scope), performance.now());
        note('exit', result.signal ?? String(result.exitCode));
        note('clean', seconds === undefined ? 'never' : `${seconds}`);
        expect(describeLeaks(late), 'what was left after 5 s').toBe('');
        return result;
      },
      back: async (own, running) => {
        await running.done;
        await own.comeBack();
        const next = await row.mini({ spec: '' });
        await (await row.start(next, ['--pass-with-no-tests'], { env: { TEST_URL: own.url } })).done;
        const result = await row.over(running);
        expect(await own.watched.leaks()).toEqual([]);
        return result;
      },
    };
    await use(row);
  },
  bystanders: [
    async ({ home, watched, existingServer }, use) => {
      const sandbox = await openSandbox(home, []);
      const both = await Promise.all(SERVERS.map((kind) => makeBystander(sandbox, kind, existingServer.url)));
      await Promise.all(watched.map((server) => server.accept()));
      await use(both);
      const results = await Promise.all(both.map(({ stop }) => stop()));
      expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
      await sandbox.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  unharmed: [
    async ({ bystanders }, use) => {
      await use(undefined);
      for (const { output, ended } of bystanders)
        expect(ended(), `the run beside it has ended:\n${output()}`).toBe(false);
    },
    { auto: true },
  ],
});

function databaseOn(kind: ServerKind, database = miniDatabase): string {
  return kind === 'existing' ? `url: process.env.TEST_URL, ${database}` : database;
}

/** For the table. */
function note(type: string, description: string): void {
  test.info().annotations.push({ type, description });
}
