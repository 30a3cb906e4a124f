// The leak check itself: every kind of leftover, planted and named.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { newRunKey } from '../src/names.ts';
import { startExistingServer } from './harness/existing-server.ts';
import { findLeaks, type Leak, lastingLeaks } from './harness/leaks.ts';
import { processesMarked } from './harness/processes.ts';
import type { Sandbox } from './harness/sandbox.ts';
import { watchMemory } from './harness/shared-memory.ts';
import { expect, test } from './harness/test.ts';

test('a run that leaves nothing has no leaks', { tag: '@matrix' }, async ({ project, run, sandbox }) => {
  const result = await run(await project('plain'), [], { report: 'json' });
  expect(result).toMatchObject({ exitCode: 0, signal: null, events: [] });
  expect(result.report?.stats).toMatchObject({ expected: 1, unexpected: 0 });
  expect(result.output).toContain('1 passed');
  expect(await findLeaks(sandbox.scope)).toEqual([]);
});

test('a process that left the run’s session is found, with the port on which it listens', { tag: '@matrix' }, async ({
  project,
  start,
  sandbox,
}) => {
  const plain = await project('plain', { files: { 'leaves.spec.ts': LEAVES_A_SERVER } });
  const running = await start(plain, ['leaves']);
  const [, pid] = await running.waitForOutput(/server (\d+) listens/);
  await running.done;
  const leaks = await lastingLeaks(sandbox.scope, { timeout: 200 });
  process.kill(Number(pid), 'SIGKILL');
  expect(kinds(leaks)).toEqual(['process', 'port']);
  expect(leaks[0]?.text).toContain(`pid ${pid}`);
  expect(leaks[1]?.text).toMatch(new RegExp(`^port \\d+, held by pid ${pid}$`));
});

test('a descendant that overwrote its environment is found by its ancestors', async ({ sandbox }) => {
  const script = 'env -i sleep 60 & wait';
  const parent = spawn('sh', ['-c', script], { env: { ...process.env, E2E_TAG: sandbox.scope.tag }, detached: true });
  await expect.poll(async () => (await findLeaks(sandbox.scope)).map(({ text }) => text).join()).toContain('sleep 60');
  process.kill(-(parent.pid ?? 0), 'SIGKILL');
  await once(parent, 'exit');
});

test('a folder in TMPDIR is found', async ({ sandbox }) => {
  const folder = path.join(sandbox.scope.tmp, 'left');
  await mkdir(folder);
  expect(await findLeaks(sandbox.scope)).toEqual([{ kind: 'temporary file', text: folder }]);
  await rm(folder, { recursive: true });
});

test('entries of /dev/shm, /tmp and the cache that are named after the run are found', async ({ sandbox }) => {
  const { key, scope } = pretendRun(sandbox);
  const folders = ['/tmp', scope.cache].map((folder) => path.join(folder, `stk-${key}`));
  const memory = path.join('/dev/shm', `stk-${key}`);
  await Promise.all([...folders, memory].map((folder) => mkdir(folder)));
  const leaks = await findLeaks(scope);
  await Promise.all([...folders, memory].map((folder) => rm(folder, { recursive: true })));
  expect(leaks).toEqual([
    ...folders.map((text) => ({ kind: 'temporary file', text })),
    { kind: 'shared memory', text: memory },
  ]);
});

test('the folder that the run named in its events is found', async ({ sandbox, project }) => {
  const { folder } = await project('plain');
  const leaks = await findLeaks(pretendRun(sandbox, folder).scope);
  expect(leaks).toEqual([{ kind: 'temporary file', text: folder }]);
});

test('a Unix socket is found whose path has the run’s key, though its file is gone', async ({ sandbox }) => {
  const { key, scope } = pretendRun(sandbox);
  const file = path.join('/tmp', `stk-${key}.sock`);
  const program = `require('net').createServer().listen('${file}', () => console.log('listens'))`;
  const server = spawn(process.execPath, ['-e', program]);
  await once(server.stdout, 'data');
  await rm(file);
  const leaks = await findLeaks(scope);
  server.kill('SIGKILL');
  await once(server, 'exit');
  expect(leaks).toEqual([{ kind: 'socket', text: file }]);
});

test('files that a run wrote into the project are found, unless declared', async ({ project, sandbox }) => {
  const plain = await project('plain', { mayWrite: ['dist/'] });
  await plain.write('of-the-test.txt', 'known');
  for (const folder of ['dist', 'test-results', 'stray']) {
    await mkdir(path.join(plain.folder, folder));
    await writeFile(path.join(plain.folder, folder, 'file'), '');
  }
  const leaks = await findLeaks(sandbox.scope);
  expect(leaks).toEqual([{ kind: 'project file', text: path.join(plain.folder, 'stray/file') }]);
  await rm(path.join(plain.folder, 'stray'), { recursive: true });
});

test('a worktree beyond the main one is found', async ({ project, sandbox }) => {
  const { folder } = await project('plain');
  const worktree = path.join(sandbox.scope.tmp, 'worktree');
  const author = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@localhost'];
  const git = (...args: string[]) => promisify(execFile)('git', ['-C', folder, ...author, ...args]);
  await git('init', '--quiet');
  await git('commit', '--quiet', '--allow-empty', '--message', 'first');
  expect(await findLeaks(sandbox.scope)).toEqual([]);
  await git('worktree', 'add', '--quiet', worktree);
  const leaks = await findLeaks(sandbox.scope);
  await git('worktree', 'remove', worktree);
  expect(leaks).toEqual([
    { kind: 'temporary file', text: worktree },
    { kind: 'worktree', text: worktree },
  ]);
});

test('a database, a role, an entry and an advisory lock left on an existing server are found; templates are not leaks', async ({
  existingServer,
  sandbox,
}) => {
  const { adminQuery, url } = existingServer;
  for (const database of ['forgotten', 'stk_template_1234']) await adminQuery(`CREATE DATABASE ${database}`);
  await adminQuery('CREATE ROLE forgotten_role');
  const note = (kind: string) =>
    `SELECT lo_create(1); COMMENT ON LARGE OBJECT 1 IS '{"playwright-stacks":{"kind":"${kind}"}}'`;
  await adminQuery(note('run'));
  const program = `
    const client = new (require('pg').Client)(process.argv[1]);
    client.connect().then(() => client.query('SELECT pg_advisory_lock(7, 8)')).then(() => console.log('locked'));
  `;
  const holder = spawn(process.execPath, ['-e', program, url]);
  await once(holder.stdout, 'data');
  const leaks = await findLeaks(sandbox.scope);
  holder.kill('SIGKILL');
  for (const database of ['forgotten', 'stk_template_1234']) await adminQuery(`DROP DATABASE ${database}`);
  await adminQuery('DROP ROLE forgotten_role; SELECT lo_unlink(1)');
  await adminQuery(note('template'));
  expect(await findLeaks(sandbox.scope)).toEqual([]);
  await adminQuery('SELECT lo_unlink(1)');
  expect(kinds(leaks).sort()).toEqual(['advisory lock', 'database', 'entry', 'role']);
  expect(leaks.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['forgotten', 'forgotten_role', expect.stringMatching(/^7 8 ExclusiveLock of pid \d+$/)]),
  );
});

test('shared memory of a killed Postgres is found, none of a living one, and none of other tests’', {
  tag: '@matrix',
}, async ({ home }) => {
  const bases = await Promise.all(['a', 'b'].map((name) => mkdtemp(path.join(home, 'servers', `${name}-`))));
  for (const base of bases) await chmod(base, 0o755);
  const [memory, ofOthers] = bases.map((base) => watchMemory([base]));
  const servers = await Promise.all(bases.map((base) => startExistingServer(home, { base, sharedMemory: 'posix' })));
  const [own, others] = await Promise.all(bases.map(sharedBy));
  expect(own?.files).not.toEqual([]);
  expect([memory?.orphans(), ofOthers?.orphans()]).toEqual([[], []]);

  for (const pid of [own?.pid ?? 0, others?.pid ?? 0]) process.kill(pid, 'SIGKILL');
  const segment = (pid = 0) => new RegExp(`^System V segment (\\d+) of pid ${pid}, which is dead$`);
  for (const [watch, of] of [[memory, own] as const, [ofOthers, others] as const]) {
    const left = expect.arrayContaining([...(of?.files ?? []), expect.stringMatching(segment(of?.pid))]);
    await expect.poll(() => watch?.orphans()).toEqual(left);
    const found = watch?.orphans() ?? [];
    expect(found).toHaveLength((of?.files.length ?? 0) + 1);
    await promisify(execFile)('ipcrm', ['-m', ...found.flatMap((text) => segment(of?.pid).exec(text)?.[1] ?? [])]);
    await Promise.all((of?.files ?? []).map((file) => rm(file)));
    watch?.stop();
  }
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(bases.map((base) => rm(base, { recursive: true })));
});

/** The postmaster on data in `base`, and the files of memory that it and its processes share. */
async function sharedBy(base: string): Promise<{ readonly pid: number; readonly files: readonly string[] }> {
  const servers = processesMarked([base]).filter(({ name }) => name === 'postgres');
  const maps = await Promise.all(servers.map(({ pid }) => readFile(`/proc/${pid}/maps`, 'utf8').catch(() => '')));
  const files = [...new Set(maps.join('\n').match(/\/dev\/shm\/PostgreSQL\.\d+/g))];
  return { pid: servers[0]?.pid ?? 0, files };
}

test('a run that does not end in time is killed, with all its processes', { tag: '@matrix' }, async ({
  project,
  run,
}) => {
  const hangs = `import { test } from '@playwright/test'; test('hangs', () => new Promise(() => {}));`;
  const plain = await project('plain', { files: { 'hangs.spec.ts': hangs } });
  await expect(run(plain, ['hangs'], { timeout: 3_000 })).rejects.toThrow(/not over within 3000 ms.*Its output:/s);
});

const LEAVES_A_SERVER = `
  import { spawn } from 'node:child_process';
  import { once } from 'node:events';
  import { test } from '@playwright/test';

  test('leaves a server', async () => {
    const program = "require('http').createServer().listen(0, () => console.log('listens'))";
    const server = spawn('setsid', [process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(server.stdout, 'data');
    console.log('server ' + server.pid + ' listens');
    server.unref();
    server.stdout.destroy();
  });
`;

/** As if a run had told its key and folder. */
function pretendRun({ scope }: Sandbox, folder = '/nonexistent') {
  const key = newRunKey();
  return { key, scope: { ...scope, runs: () => [{ run: key, folder }] } };
}

function kinds(leaks: readonly Leak[]): string[] {
  return leaks.map(({ kind }) => kind);
}
