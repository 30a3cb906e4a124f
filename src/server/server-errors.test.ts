import { existsSync, readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { test } from '../../fixtures/programs/bench.ts';
import { program } from '../../fixtures/programs/programs.ts';
import { commandLineOf } from '../process/processes.ts';

test('output that does not come is what the error says', async ({ bench }) => {
  expect(await bench.failure(program('serves'), { wait: { stdout: /ready/, stderr: undefined }, timeout: 1_500 })).toBe(
    [
      'SERVER_NOT_READY: server "web" of slot 2 did not print what `server.wait` looks for within 1500 ms.',
      '  command     node serves.mjs  (cwd fixtures/programs, pid #, still running)',
      '  last probe  HTTP 200',
      '  output (last 1 lines)',
      '    | serving',
      '  hint: raise `server.timeout`, or check the patterns of `server.wait`.',
    ].join('\n'),
  );
});

test('a server that answers 500 is not ready', async ({ bench }) => {
  expect(await bench.failure(program('answers-500'), { timeout: 1_500 })).toBe(
    [
      'SERVER_NOT_READY: server "web" of slot 2 did not answer http://localhost:<port>/ within 1500 ms.',
      '  command     node answers-500.mjs  (cwd fixtures/programs, pid #, still running)',
      '  last probe  HTTP 500',
      '  output (last 1 lines)',
      '    | error: relation "users" does not exist',
      '  hint: raise `server.timeout`, or check that the app reads DATABASE_URL.',
    ].join('\n'),
  );
});

test('a server that takes the request and never answers is not ready', async ({ bench }) => {
  const message = await bench.failure(program('never-answers'), { timeout: 2_500 });
  expect(message).toContain('\n  last probe  no answer in # ms\n');
});

test('the error for a server on another port says where it listens', async ({ bench }) => {
  expect(await bench.failure(program('listens-elsewhere', String(bench.otherPort)), { timeout: 1_500 })).toBe(
    [
      'SERVER_NOT_READY: server "web" of slot 2 did not answer http://localhost:<port>/ within 1500 ms.',
      '  command     node listens-elsewhere.mjs <other port>  (cwd fixtures/programs, pid #, still running)',
      '  last probe  connection refused',
      '  hint: it listens on <other port> instead: let the command read PORT, or write {port} in it.',
    ].join('\n'),
  );
});

test('a server that serves on another port for five seconds is told then, whatever its timeout @matrix', async ({
  bench,
}) => {
  const message = await bench.failure(program('listens-elsewhere', String(bench.otherPort)), { timeout: 55_000 });
  expect(message).toContain(
    'SERVER_NOT_READY: server "web" of slot 2 did not answer http://localhost:<port>/ in # ms, and serves on another port.',
  );
  expect(message).toContain(
    '  hint: it listens on <other port> instead: let the command read PORT, or write {port} in it.',
  );
});

test('a certificate that nobody signed is an error unless told otherwise', async ({ bench }) => {
  const url = `https://localhost:${bench.port}/`;
  const message = await bench.failure(program('self-signed'), { url, timeout: 1_500 });
  expect(message).toContain('  hint: set `server.ignoreHTTPSErrors: true` for a certificate of your own.');
  await bench.start(program('self-signed'), { url, ignoreHTTPSErrors: true });
});

test('the error for a server that exits at once has its code and last lines', async ({ bench }) => {
  const lines = (await bench.failure(program('exits-at-once'))).split('\n');
  expect(lines.slice(0, 3)).toEqual([
    'SERVER_EXITED: server "web" of slot 2 exited with code 3 after # ms, before it was ready.',
    '  command  node exits-at-once.mjs  (cwd fixtures/programs, pid #)',
    '  output (last 40 lines)',
  ]);
  expect(lines).toContain('    | line 50');
  expect(lines.at(-1)).toBe('  hint: run `server.command` by hand in that folder, with PORT and DATABASE_URL set.');
});

test('secrets that it was given are not in the error, however it prints them', async ({ bench }) => {
  const env = { PORT: String(bench.port), SESSION_SECRET: 'tr0ub4dor-3', PGUSER: 'app', PGPASSWORD: 'p w' };
  const message = await bench.failure(
    'env | grep ^PG; echo "got <$SESSION_SECRET>"; printf "$PGUSER:$PGPASSWORD" | base64; exit 3',
    { env },
  );
  const lines = message.split('\n');
  expect(lines).toContain('    | got <***>');
  expect(lines).toContain('    | ***==');
  expect(lines).toContain('    | PGPASSWORD=***');
  expect(message).not.toMatch(/tr0ub4dor|p w|YXBwOn/);
});

test('a command that does not exist is told from one that fails', async ({ bench }) => {
  const message = await bench.failure('no-such-tool serve');
  expect(message).toContain('SERVER_EXITED: server "web" of slot 2 exited with code 127 after # ms');
  expect(message).toContain('  hint: code 127 means that a command in `server.command` was not found');
});

test('a command that goes into the background leaves nothing', async ({ bench }) => {
  const message = await bench.failure(`sleep 300 & exit 0`);
  expect(message).toContain('hint: `server.command` must stay in the foreground for as long as it serves.');
  expect(bench.left()).toEqual([]);
});

test('a folder that does not exist is named', async ({ bench }) => {
  expect(await bench.failure('true', { cwd: '/no/such' })).toContain(
    'SERVER_EXITED: server "web" of slot 2 could not be started: there is no folder /no/such.',
  );
});

test('a port that another process has is an error before anything is started', async ({ bench }) => {
  await bench.listen(bench.port);
  expect(await bench.failure(program('serves'))).toBe(
    [
      'PORT_TAKEN: port <port> of server "web" of slot 2 is taken by another process.',
      `  holder  ${commandLineOf(process.pid)}  (pid #)`,
      '  hint: end that process (`kill #`), or write {port} in place of a fixed port in `server.command` and `server.url`.',
    ].join('\n'),
  );
  expect(existsSync(bench.logFile)).toBe(false);
});

test('a fixed port in the URL is looked at too', async ({ bench }) => {
  await bench.listen(bench.otherPort);
  expect(await bench.failure(program('serves'), { url: `http://127.0.0.1:${bench.otherPort}/` })).toContain(
    'PORT_TAKEN: port <other port> of server "web" of slot 2 is taken by another process.',
  );
});

test('another process that answers in the server’s place never makes it ready', async ({ bench }) => {
  const starting = bench.failure(`echo started; sleep 300`);
  await expect.poll(() => existsSync(bench.logFile) && readFileSync(bench.logFile, 'utf8')).toContain('started');
  await bench.listen(bench.port);
  const message = await starting;
  expect(message).toContain(
    'PORT_TAKEN: a process that does not belong to server "web" of slot 2 is listening on http://localhost:<port>/.\n',
  );
  expect(message).toContain(`  holder   ${commandLineOf(process.pid)}  (pid #)\n`);
});

test('an abort ends the start, rejects with its reason and leaves no process', async ({ bench }) => {
  const abort = new AbortController();
  const starting = bench.start(`echo started; ${program('listens-elsewhere', '0')}`, {}, abort.signal);
  const settled = starting.catch((error: Error) => error.message);
  await expect.poll(() => existsSync(bench.logFile) && readFileSync(bench.logFile, 'utf8')).toContain('started');
  abort.abort(new Error('the run was interrupted'));
  expect(await settled).toBe('the run was interrupted');
  expect(bench.left()).toEqual([]);
});

test('a server that another one of its folder has locked out is told how each slot has its own', async ({ bench }) => {
  const hint = async (line: string) => {
    return (await bench.failure(`node -e "console.error('${line}'); process.exit(1)"`)).split('\n  hint: ')[1];
  };
  expect(await hint('Another next dev server is already running.')).toContain("copy: ['.next']");
  expect(await hint('Error: Found another Vite dev process for this project at http://localhost:5173/')).toBe(
    'one folder has one `vite` and one `vite preview` at a time, and another runs there: write --bypass-lock at the end of the command (`npm run dev -- --bypass-lock`).',
  );
  expect(await hint('Another astro dev server is already running.')).toBe(
    'one folder has one `astro dev` and one `astro preview` at a time, and another runs there: write --ignore-lock at the end of the command (`npm run dev -- --ignore-lock`); --force would end the other.',
  );
});
