// A private Postgres of any version for the tests of this folder; it ends with the process that started it, however that ends.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Lifetime } from '../../lifetime.ts';
import { findBinaries, packagedBinaries } from '../../postgres/embedded/binaries.ts';
import { postgresUser } from '../../postgres/embedded/postgres-user.ts';
import { makeRunnable, type Runnable } from '../../postgres/embedded/runnable-binaries.ts';
import { spawnWithParent } from '../../postgres/embedded/spawn-with-parent.ts';
import { madeOnce } from '../../testing/made-once.ts';
import { freePort } from '../../testing/postgres.ts';
import { within } from '../../wait.ts';
import { homeOf } from './majors.ts';

export interface Cluster {
  readonly port: number;
  readonly major: number;
  /** The end of a CREATE DATABASE: files are copied, and nothing of them is in shared buffers, through which a DROP would go. */
  readonly copied: string;
  connect(database: string, user?: string): Promise<pg.Client>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** Where its folder is made. @default in memory, where that is */
  readonly parent?: string;
  /** @default those of a server for tests */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes a cluster, starts it, and returns when it takes connections. */
export async function startCluster(major: string, options: ClusterOptions = {}): Promise<Cluster> {
  const life = new Lifetime();
  try {
    const folder = await mkdtemp(
      path.join(options.parent ?? (existsSync('/dev/shm') ? '/dev/shm' : '/tmp'), 'stk-rewind-'),
    );
    life.defer('data folder', () => rm(folder, { recursive: true, force: true }));
    const owner = postgresUser();
    if (owner) await chown(folder, owner.uid, owner.gid);
    await chmod(folder, 0o700);
    const runnable = await runnableOf(major, folder);
    const data = `${folder}/data`;
    const init = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-N',
      '--no-sync',
      '--locale=C',
      '-E',
      'UTF8',
      '--wal-segsize=1',
      ...(Number(major) >= 18 ? ['--no-data-checksums'] : []), // As an embedded server has it.
    ];
    const env = { ...process.env, ...runnable.env, LC_ALL: 'C', TZ: 'UTC' };
    await madeOnce(`cluster-${major}`, data, 'copies', async () => {
      await promisify(execFile)(runnable.initdb, init, { ...owner, env, cwd: '/' });
    });

    const port = await freePort();
    const settings = {
      ...(options.settings ?? SETTINGS),
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: folder,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    await start([runnable.postgres, '-D', data, ...args], runnable.env, life);
    const connect = async (database: string, user = 'postgres'): Promise<pg.Client> => {
      const client = new pg.Client({ host: '127.0.0.1', port, user, database });
      client.on('error', () => {}); // A test may end this connection on purpose; its next query says so.
      await client.connect();
      return client;
    };
    const copied = Number(major) >= 15 ? 'STRATEGY FILE_COPY' : ''; // Before, that was the only way.
    return { port, major: Number(major), copied, connect, close: () => life.close() };
  } catch (error) {
    await life.close();
    throw error;
  }
}

// dynamic_shared_memory_type: in the data folder, so that nothing stays in /dev/shm.
export const SETTINGS: Readonly<Record<string, string>> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  dynamic_shared_memory_type: 'mmap',
  max_prepared_transactions: '10',
  max_connections: '60',
};

async function runnableOf(major: string, folder: string): Promise<Runnable> {
  const home = homeOf(major);
  if (home === 'embedded') return makeRunnable(await findBinaries('/'), folder, `${folder}/lib`);
  // The unpacked folder `native` of an embedded package of another version.
  if (existsSync(`${home}/pg-symlinks.json`))
    return makeRunnable(packagedBinaries(home, major), folder, `${folder}/lib`);
  return {
    postgres: `${home}/bin/postgres`,
    initdb: `${home}/bin/initdb`,
    env: { LD_LIBRARY_PATH: `${home}/lib` },
  };
}

async function start(command: string[], env: Runnable['env'], life: Lifetime): Promise<void> {
  let output = '';
  let sawReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    sawReady = resolve;
  });
  const onOutput = (chunk: string): void => {
    output = (output + chunk).slice(-4000);
    if (output.includes('ready to accept connections')) sawReady();
  };
  const server = spawnWithParent(command, { env, last: 'QUIT', onOutput });
  life.defer('server', async () => {
    server.release();
    await within(10_000, 'Postgres to stop', () => server.ended);
  });
  const died = server.ended.then(({ title }) => Promise.reject(new Error(`Postgres ended with ${title}: ${output}`)));
  died.catch(() => {}); // It will end one day.
  await within(20_000, 'Postgres to start', () => Promise.race([ready, died]));
}
