import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { PROGRAMS, program, scratchFolder } from '../../fixtures/programs/programs.ts';
import { trackMembers } from './members.ts';
import { runTask, type TaskOptions } from './run-command.ts';

function options(more: Partial<TaskOptions> = {}): TaskOptions {
  const context = { url: 'postgres://localhost/x', env: { PGDATABASE: 'x' } };
  return {
    title: 'database.migrate',
    context,
    cwd: PROGRAMS,
    timeout: 20_000,
    signal: new AbortController().signal,
    ...more,
  };
}

const pidIn = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: Error) => error.message.replace(/\d+ ms/g, '# ms'),
  );

test('a command that exits with 0 is a success, and sees the context in its environment', async () => {
  await runTask({ kind: 'command', command: 'test "$PGDATABASE" = x && test -n "$PATH"' }, options());
});

test('the run of this process is not passed on', async () => {
  process.env.PLAYWRIGHT_STACKS_RUN = 'outer';
  try {
    await runTask({ kind: 'command', command: 'test -z "$PLAYWRIGHT_STACKS_RUN"' }, options());
  } finally {
    delete process.env.PLAYWRIGHT_STACKS_RUN;
  }
});

test('a command that fails gets an error with its code, folder, time and last lines', async () => {
  const message = await messageOf(runTask({ kind: 'command', command: program('exits-at-once', '3') }, options()));
  const lines = message.split('\n');
  expect(lines.slice(0, 4)).toEqual([
    'COMMAND_FAILED: `database.migrate` exited with code 3.',
    '  command   node exits-at-once.mjs 3  (cwd fixtures/programs)',
    '  duration  # ms',
    '  output (last 40 lines)',
  ]);
  expect(lines.slice(4, -1)).toHaveLength(40);
  expect(lines).toContain('    | line 49');
  expect(lines).toContain('    | line 50');
  expect(lines.at(-1)).toBe(
    '  hint: run the command by hand in that folder, with DATABASE_URL set to an empty database: without, it is on that of your environment; or correct `database.migrate`.',
  );
});

test('a command that does not exist is told from one that fails', async () => {
  const message = await messageOf(runTask({ kind: 'command', command: 'no-such-tool up' }, options()));
  expect(message).toContain('COMMAND_FAILED: `database.migrate` exited with code 127.');
  expect(message).toContain('  hint: code 127 means that a command in `database.migrate` was not found');
});

test('a command that a signal ended has an error that says so', async () => {
  const message = await messageOf(runTask({ kind: 'command', command: 'kill -9 $$' }, options({ title: 'build' })));
  expect(message).toContain('COMMAND_FAILED: `build` was ended by SIGKILL.');
});

test('a command that takes too long is ended with all that it started', async () => {
  const { folder, remove } = scratchFolder();
  const command = `echo $$ > ${join(folder, 'pid')}; echo waiting; sleep 300`;
  const message = await messageOf(runTask({ kind: 'command', command }, options({ timeout: 1_500 })));
  expect(message).toContain('COMMAND_FAILED: `database.migrate` did not end within # ms.');
  expect(message).toContain('    | waiting');
  expect(trackMembers(pidIn(join(folder, 'pid')))()).toEqual([]);
  expect(message).toContain('  hint: raise `database.timeout`');
  remove();
});

test('an abort ends the command and rejects with its reason', async () => {
  const { folder, remove } = scratchFolder();
  const pidFile = join(folder, 'pid');
  const abort = new AbortController();
  const task = runTask(
    { kind: 'command', command: `echo $$ > ${pidFile}; sleep 300` },
    options({ signal: abort.signal }),
  );
  const settled = messageOf(task);
  await expect.poll(() => pidIn(pidFile)).toBeGreaterThan(0);
  const pid = pidIn(pidFile);
  abort.abort(new Error('the run was interrupted'));
  expect(await settled).toBe('the run was interrupted');
  expect(trackMembers(pid)()).toEqual([]);
  remove();
});

test('a folder that does not exist is named', async () => {
  const message = await messageOf(runTask({ kind: 'command', command: 'true' }, options({ cwd: '/no/such' })));
  expect(message).toContain('COMMAND_FAILED: `database.migrate` could not be started: there is no folder /no/such.');
});

test('a function is called with the context', async () => {
  let seen: unknown;
  await runTask({ kind: 'function', run: async (context) => (seen = context) }, options());
  expect(seen).toEqual({ url: 'postgres://localhost/x', env: { PGDATABASE: 'x' } });
});

test('a function that throws gets an error with its message, place and cause', async () => {
  const cause = new Error('relation "users" does not exist');
  const run = (): never => {
    throw cause;
  };
  const error = await runTask({ kind: 'function', run }, options({ title: 'database.seed' })).catch((e) => e);
  expect(error.message).toContain('COMMAND_FAILED: `database.seed` threw: relation "users" does not exist');
  expect(error.message).toMatch(/ {2}thrown at {2}.*run-command\.test\.ts:\d+/);
  expect(error.cause).toBe(cause);
});

test('a function that takes too long is given up', async () => {
  const message = await messageOf(
    runTask({ kind: 'function', run: () => new Promise(() => {}) }, options({ timeout: 50 })),
  );
  expect(message).toContain('COMMAND_FAILED: `database.migrate` did not end within # ms.');
});
