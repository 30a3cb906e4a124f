// The run's own folder for Postgres: data, socket, libraries. In memory where there is plenty of room, else on disk.
// It goes when we go, also when we are SIGKILLed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StacksError } from '../errors.ts';
import { type Lifetime, within } from '../lifetime.ts';
import type { ClusterSize } from './cluster-cache.ts';
import { allows, closedFolder, postgresUser } from './postgres-user.ts';
import { makeOwnFolder } from './published-folder.ts';

/** What cluster and template are taken to weigh before one was ever built. */
export const UNKNOWN_SIZE: ClusterSize = { clusterBytes: 32 * 2 ** 20, templateBytes: 64 * 2 ** 20 };
/** The share of a memory file system's free space that we allow ourselves. */
const SHARE_OF_MEMORY = 0.4;
/** A Unix socket's path must be shorter on macOS; Linux allows 108. */
const LONGEST_SOCKET = 104;

export interface DataFolderOptions {
  readonly run: string;
  readonly port: number;
  readonly slots: number;
  readonly size: ClusterSize | undefined;
  readonly lifetime: Lifetime;
}

/** Makes `stk-<run>-pg` in the best place; removed by `lifetime`, or by a process that outlives us. */
export async function makeDataFolder(options: DataFolderOptions): Promise<string> {
  const { run, port, slots, size = UNKNOWN_SIZE, lifetime } = options;
  const bytes = size.clusterBytes + (slots + 2) * size.templateBytes;
  const name = `stk-${run}-pg`;
  const base = await chooseBase(join(name, socketName(port)), bytes);
  const folder = join(base, name);
  await makeOwnFolder(folder);
  removeWithUs(folder, lifetime);
  return folder;
}

/** The name of the socket that a Postgres on `port` makes. */
function socketName(port: number): string {
  return `.s.PGSQL.${port}`;
}

async function chooseBase(socket: string, bytes: number): Promise<string> {
  const bases = (await hasRoom('/dev/shm', bytes)) ? ['/dev/shm', tmpdir(), '/tmp'] : [tmpdir(), '/tmp'];
  for (const base of bases) {
    if (Buffer.byteLength(join(base, socket)) >= LONGEST_SOCKET) continue;
    if (await writable(base)) return base;
  }
  throw new StacksError('POSTGRES_FAILED', 'there is no folder for the data of the embedded Postgres.', {
    facts: {
      tried: bases.join(', '),
      user: postgresUser() && `uid ${postgresUser()?.uid} (Postgres refuses to be root)`,
    },
    hint: 'set TMPDIR to a folder with a short path that this user may write and enter.',
  });
}

async function hasRoom(folder: string, bytes: number): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bytes <= bavail * bsize * SHARE_OF_MEMORY;
  } catch {
    return false; // macOS has none
  }
}

async function writable(base: string): Promise<boolean> {
  try {
    return !(await closedFolder(base, postgresUser())) && (await allows(base, postgresUser(), 0o3));
  } catch {
    return false; // TMPDIR may name a folder that does not exist
  }
}

// Waits for our end, then for Postgres's, which its own tether sees to; then removes the folder. A Postgres that was
// killed leaves a System V segment, whose id stands in the file that a clean end would have removed.
const REMOVER = `
read -r _
tries=0
while [ $tries -lt 200 ] && pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; do
  tries=$((tries + 1)); sleep 0.02
done
segment=$(sed -n 7p "$1/data/postmaster.pid" 2>/dev/null | awk '{ print $2 }')
[ -z "$segment" ] || ipcrm -m "$segment" 2>/dev/null
tries=0
until rm -rf -- "$1" 2>/dev/null || [ $tries -ge 20 ]; do tries=$((tries + 1)); sleep 0.05; done
[ ! -e "$1" ]`;

function removeWithUs(folder: string, lifetime: Lifetime): void {
  const remover = spawn('/bin/sh', ['-c', REMOVER, 'sh', folder], {
    ...postgresUser(),
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  remover.stdin.on('error', () => {}); // EPIPE: it was killed; the folder stays
  const ended = once(remover, 'exit');
  lifetime.defer(`remove ${folder}`, async () => {
    remover.stdin.end();
    const [code] = await within(9_000, `remove ${folder}`, () => ended);
    if (code !== 0) throw new Error(`${folder} could not be removed`);
  });
}
