// The run's own folder for Postgres: data, socket, libraries. In memory where there is plenty of room, else on disk.
import { statfs, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StacksError } from '../../errors.ts';
import type { Lifetime } from '../../lifetime.ts';
import type { ClusterSize } from './cluster-cache.ts';
import { allows, closedFolder, postgresUser } from './postgres-user.ts';
import { makeOwnFolder } from './published-folder.ts';
import { removeDataFolder } from './remove-data-folder.ts';

/** What cluster and template are taken to weigh before one was ever built. */
export const UNKNOWN_SIZE: ClusterSize = { clusterBytes: 32 * 2 ** 20, templateBytes: 64 * 2 ** 20 };
/** The share of a memory file system's free space that we allow ourselves. */
const SHARE_OF_MEMORY = 0.4;
/** A Unix socket's path must be shorter on macOS; Linux allows 108. */
const LONGEST_SOCKET = 104;

export interface DataFolderOptions {
  readonly run: string;
  readonly port: number;
  /** How many there will be, of the template's size. */
  readonly databases: number;
  readonly size: ClusterSize | undefined;
  readonly lifetime: Lifetime;
  /** The run's private folder. */
  readonly owner: string;
  readonly note?: DataNote | undefined;
}

/** Told of the folder before it is made; returns what is to be called when it is gone. */
export type DataNote = (folder: string) => () => void;

/** In the folder: a link to the private folder of the run that it belongs to. */
export const OWNER_LINK = 'run';

/** Makes `stk-<run>-pg` in the best place; removed by `lifetime`. */
export async function makeDataFolder(options: DataFolderOptions): Promise<string> {
  const { run, port, databases, size = UNKNOWN_SIZE, lifetime, owner, note } = options;
  const bytes = size.clusterBytes + (databases + 2) * size.templateBytes;
  const name = `stk-${run}-pg`;
  const base = await chooseBase(join(name, socketName(port)), bytes);
  const folder = join(base, name);
  const gone = note?.(folder);
  lifetime.defer(`remove ${folder}`, () => removeDataFolder(folder).then(gone));
  await makeOwnFolder(folder);
  await symlink(owner, join(folder, OWNER_LINK));
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
