// What is removed of a dead run, and that nothing else is. Real processes, in a temporary folder of the test's own.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { appendFile, chown, copyFile, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { PROGRAMS, program } from '../../fixtures/programs/programs.ts';
import { PART_OF } from '../environment.ts';
import { makePrivateFolder } from '../files/private-folder.ts';
import { copiesFolderPrefix, dataFolderPrefix, newRunKey } from '../names.ts';
import { OWNER_FILE } from '../postgres/embedded/data-folder.ts';
import { postgresUid } from '../postgres/embedded/postgres-user.ts';
import { listProcesses, startOf } from '../process/processes.ts';
import { findRuns } from './find-runs.ts';
import { type Head, JournalWriter, readJournal } from './journal.ts';
import { reap, reaperLog } from './reap.ts';
import { makeRunFolder } from './run-folder.ts';
import { sweep } from './sweep.ts';

test.describe.configure({ mode: 'default' });
let folder: string;
let before: string | undefined;
test.beforeEach(() => {
  before = process.env.TMPDIR;
  folder = mkdtempSync('/tmp/stk-test-');
  process.env.TMPDIR = folder;
});
test.afterEach(() => {
  process.env.TMPDIR = before;
  if (before === undefined) delete process.env.TMPDIR;
  rmSync(folder, { recursive: true });
});

/** A run of this process; `startedAt` makes its journal that of a process with its pid, `die` of one that was before it. */
function newRun(run = newRunKey()) {
  const home = makeRunFolder(run).path;
  const journal = new JournalWriter(home, { run, root: '/project' });
  const startedAt = async (ticks: number) => {
    const file = join(home, 'journal.ndjson');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/"started":"\d+"/, `"started":"${ticks}"`));
  };
  return { run, home, journal, startedAt, die: () => startedAt(1) };
}

/** A folder of Postgres's, as `makeDataFolder` makes it. */
async function makeData(owner: Partial<Head> & { readonly folder?: string }): Promise<string> {
  const { path } = makePrivateFolder(folder, dataFolderPrefix(owner.run ?? newRunKey()));
  await writeFile(join(path, OWNER_FILE), JSON.stringify(owner));
  return path;
}

/** Starts a shell in a session of its own. */
function start(script: string, env: Record<string, string> = {}): number {
  const child = spawn('sh', ['-c', script], {
    detached: true,
    stdio: 'ignore',
    cwd: PROGRAMS,
    env: { PATH: process.env.PATH, ...env },
  });
  child.unref();
  return child.pid ?? 0;
}

const runs = (pid: number) => listProcesses().some((entry) => entry.pid === pid);
const linesOf = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
const linkOf = (path: string) => {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // not yet
  }
};
const childOf = (pid: number) => listProcesses().find(({ parent }) => parent === pid)?.pid ?? 0;

test('servers and commands of a dead run end: those noted, those marked, and what they started elsewhere', async () => {
  const { run, home, journal } = newRun();
  const noted = start('trap "" TERM; env -i setsid sleep 60 & wait; sleep 60');
  journal.noteGroup(noted, 'server');
  const marked = start('sleep 60 & wait', { [PART_OF]: run });
  // Not the one that is to become it.
  const isSleep = (pid: number) => linkOf(`/proc/${childOf(pid)}/exe`) === realpathSync('/bin/sleep');
  await expect.poll(() => [noted, marked].every(isSleep)).toBe(true);
  const all = [noted, childOf(noted), marked, childOf(marked)];
  expect(await reap(home)).toEqual({ removed: ['4 processes (sh, sleep)'], failures: [] });
  expect(all.filter(runs)).toEqual([]);
  expect(existsSync(home)).toBe(false);
});

test('after a clean end, too: a daemon that left its session, and one that is started when its parent is to end', async () => {
  const { run, home, journal } = newRun();
  const pids = join(folder, 'pids');
  const output = join(folder, 'output');
  const command = start(`exec ${program('leaves-daemons', pids)} >${output}`, { [PART_OF]: run });
  await expect.poll(() => linesOf(output), { timeout: 20_000 }).toEqual(['started']);
  await expect.poll(() => linesOf(pids), { timeout: 20_000 }).toHaveLength(1);
  journal.close();
  // What starts the daemon may be seen as well while it does.
  const ended = /^[345] processes \(node leaves-daemons\.mjs,( setsid,)?( sh,)? sleep\)$/;
  expect(await reap(home)).toEqual({ removed: [expect.stringMatching(ended)], failures: [] });
  expect(linesOf(pids)).toHaveLength(2);
  expect([command, ...linesOf(pids).map(Number)].filter(runs)).toEqual([]);
});

test('a daemon that was there before the run is left alone, whatever its environment', async () => {
  const run = newRunKey();
  const before = start('exec sleep 60', { [PART_OF]: run });
  await expect.poll(() => startOf(before)).toBeDefined();
  const { home, journal, startedAt } = newRun(run);
  await startedAt(Number(startOf(before)) + 1);
  journal.close();
  expect(await reap(home)).toEqual({ removed: [], failures: [] });
  expect(runs(before)).toBe(true);
  process.kill(-before, 'SIGKILL');
});

test('a process that got the number of an ended one, another run’s, and one that is known to be gone stay', async () => {
  const { home, journal } = newRun();
  const [recycled, others, gone] = [
    start('sleep 60'),
    start('sleep 60', { [PART_OF]: newRunKey() }),
    start('sleep 60'),
  ];
  journal.note({ kind: 'group', title: 'server', pid: recycled, started: '1' });
  journal.noteGroup(gone, 'server')();
  expect(await reap(home)).toEqual({ removed: [], failures: [] });
  expect([recycled, others, gone].filter(runs)).toHaveLength(3);
  for (const pid of [recycled, others, gone]) process.kill(-pid, 'SIGKILL');
});

test('a sweep removes what dead runs left and nothing of a living one', async () => {
  const [dead, living] = [newRun(), newRun()];
  const { path: data, identity } = makePrivateFolder(folder, dataFolderPrefix(dead.run));
  await mkdir(join(data, 'data'));
  const [server, other] = [start('sleep 60'), start('sleep 60')];
  dead.journal.noteGroup(server, 'server');
  dead.journal.noteData(data, identity);
  const copies = makePrivateFolder(folder, copiesFolderPrefix(dead.run));
  await mkdir(join(copies.path, 'copies'));
  dead.journal.note({ kind: 'copies', folder: copies.path, identity: copies.identity });
  living.journal.noteGroup(other, 'server');
  await dead.die();
  const cut = '{"id":3,"entry":{"kind":"gro'; // the disk was full, then it was killed while it wrote
  await appendFile(join(dead.home, 'journal.ndjson'), `\n${cut}`);
  dead.journal.note({ kind: 'server', url: '' })();
  await appendFile(join(dead.home, 'journal.ndjson'), `\n${cut}`);
  const swept = await Promise.all([sweep(), sweep()]);
  for (const { failures } of swept) expect(failures).toEqual([]);
  expect(swept[0]?.removed).toContain(dead.home);
  expect([server, other].filter(runs)).toEqual([other]);
  expect([data, copies.path, dead.home, living.home].filter(existsSync)).toEqual([living.home]);
  process.kill(-other, 'SIGKILL');
});

test('a dead run with another TMPDIR is found by its data', async () => {
  const elsewhere = join(folder, 'elsewhere');
  await mkdir(elsewhere);
  process.env.TMPDIR = elsewhere;
  const { home, journal, die } = newRun();
  process.env.TMPDIR = folder;
  await makeData({ ...journal.head, folder: home });
  await sweep();
  expect(existsSync(home)).toBe(true);
  await die();
  await sweep();
  expect(existsSync(home)).toBe(false);
});

test('a folder without a journal is left alone until it is old', async () => {
  const home = makeRunFolder(newRunKey()).path;
  await sweep();
  expect(existsSync(home)).toBe(true);
  await writeFile(join(home, 'journal.ndjson'), '{"head":{"ru'); // the disk was full
  await utimes(home, 0, 0);
  await sweep();
  expect(existsSync(home)).toBe(false);
});

test('what a person has named like a folder of ours stays, however old', async () => {
  const folders = ['stk-0123456789-backup', 'stk-0123456789-pg-backup', 'stk-0123456789-pg'];
  const journals = ['stk-9876543210-copied', 'stk-9876543210-pg-copied'];
  for (const name of [...folders, ...journals]) {
    await mkdir(join(folder, name), { mode: 0o700 });
    await writeFile(join(folder, name, 'notes.txt'), 'mine');
  }
  // Also one that holds a copy of what a dead run has written.
  const { home, journal, die } = newRun();
  await die();
  await copyFile(join(home, 'journal.ndjson'), join(folder, 'stk-9876543210-copied/journal.ndjson'));
  await writeFile(
    join(folder, 'stk-9876543210-pg-copied', OWNER_FILE),
    JSON.stringify({ ...journal.head, folder: home }),
  );
  for (const name of [...folders, ...journals]) await utimes(join(folder, name), 0, 0);
  const { removed, failures } = await sweep();
  expect({ removed, failures }).toEqual({ removed: [home], failures: [] });
  for (const name of [...folders, ...journals]) {
    expect(await readFile(join(folder, name, 'notes.txt'), 'utf8')).toBe('mine');
  }
});

test('data whose run’s folder somebody removed stay while the runner lives, or nothing says whose they are', async () => {
  const { home, journal } = newRun();
  await rm(home, { recursive: true });
  const living = await makeData({ ...journal.head, folder: home });
  // In another container, which shares /dev/shm with this one (`--ipc=host`): none of its processes is seen here.
  const elsewhere = await makeData({ ...journal.head, folder: home, machine: 'another' });
  const unknown = await makeData({});
  for (const data of [living, elsewhere, unknown]) await utimes(data, 0, 0);
  await sweep();
  expect([living, elsewhere, unknown].filter(existsSync)).toEqual([living, elsewhere, unknown]);
  await utimes(join(elsewhere, OWNER_FILE), 0, 0); // Nobody has touched it for a day.
  await sweep();
  expect([living, elsewhere, unknown].filter(existsSync)).toEqual([living, unknown]);
});

test('data whose run’s folder somebody removed go when the runner is dead and nothing runs on them', async () => {
  const { home, journal } = newRun();
  await rm(home, { recursive: true });
  const data = await makeData({ ...journal.head, folder: home, started: '1' });
  await mkdir(join(data, 'data'));
  const postgres = start(`cd ${data}/data && exec sleep 60`);
  await writeFile(join(data, 'data/postmaster.pid'), `${postgres}\n`);
  await chown(join(data, 'data/postmaster.pid'), postgresUid(), -1);
  await expect.poll(() => linkOf(`/proc/${postgres}/cwd`)).toBe(join(data, 'data'));
  await sweep();
  expect(existsSync(data)).toBe(true);
  process.kill(-postgres, 'SIGKILL');
  await expect.poll(() => runs(postgres)).toBe(false);
  await sweep();
  expect(existsSync(data)).toBe(false);
});

test('a run’s folder, and a journal, of another user are not believed', async () => {
  test.skip(process.getuid?.() !== 0, 'giving them to another user takes root');
  const [folderOfOther, journalOfOther] = [newRun(), newRun()];
  const process_ = start('exec sleep 60');
  await expect.poll(() => startOf(process_)).toBeDefined();
  for (const { journal, die } of [folderOfOther, journalOfOther]) {
    journal.noteGroup(process_, 'server');
    await die();
  }
  await chown(folderOfOther.home, 1, 1);
  await chown(join(journalOfOther.home, 'journal.ndjson'), 1, 1);
  expect(await sweep()).toEqual({ removed: [], failures: [] });
  expect(runs(process_)).toBe(true);
  // `status`, `psql` and `clean` read the state, the socket and the strings of these.
  const found = findRuns().map((each) => each.run);
  expect([folderOfOther.run, journalOfOther.run].filter((run) => found.includes(run))).toEqual([]);
  process.kill(-process_, 'SIGKILL');
});

test('a link that stands where a run had its data is not followed, and what it leads to is not ended', async () => {
  const { home, journal, run, die } = newRun();
  const { path, identity } = makePrivateFolder(folder, dataFolderPrefix(run));
  journal.noteData(path, identity);
  await die();
  const others = join(folder, 'others');
  await mkdir(join(others, 'data'), { recursive: true });
  const postgres = start(`cd ${others}/data && exec sleep 60`);
  await writeFile(join(others, 'data/postmaster.pid'), `${postgres}\n`);
  await expect.poll(() => linkOf(`/proc/${postgres}/cwd`)).toBe(join(others, 'data'));
  await rename(path, join(folder, 'moved'));
  await symlink(others, path);
  const { failures } = await sweep();
  expect(failures).toEqual([
    `remove ${path}: it is not the folder that was made: somebody has put another in its place`,
  ]);
  expect(runs(postgres)).toBe(true);
  expect([join(others, 'data/postmaster.pid'), path, home].filter(existsSync)).toHaveLength(3);
  process.kill(-postgres, 'SIGKILL');
});

test('what cannot be removed stays noted, with a log, and is given up after a week', async () => {
  const { home, journal, die } = newRun();
  journal.note({ kind: 'server', url: 'postgresql://me:secret@127.0.0.1:1/postgres' });
  await die();
  const { failures } = await sweep();
  expect(failures).toEqual([expect.stringMatching(/^drop the databases: DATABASE_UNREACHABLE/)]);
  expect(readJournal(home)?.open).toHaveLength(1);
  expect(await readFile(reaperLog(home), 'utf8')).toMatch(/DATABASE_UNREACHABLE(?!.*secret)/);
  await utimes(home, 0, 0);
  await sweep();
  expect(existsSync(home)).toBe(false);
});

test('the journal says when its runner was started', () => {
  const { home } = newRun();
  expect(readJournal(home)).toMatchObject({ pid: process.pid, started: startOf(process.pid), root: '/project' });
});
