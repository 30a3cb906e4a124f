// The run's own folder for Postgres: data, socket, libraries. In memory where there is plenty of room, else on disk.
import { constants } from 'node:fs';
import { access, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StacksError } from '../../errors.ts';
import type { Identity } from '../../files/identity.ts';
import { makePrivateFolder } from '../../files/private-folder.ts';
import type { Lifetime } from '../../lifetime.ts';
import { dataFolderPrefix } from '../../names.ts';
import type { ClusterSize } from './cluster-cache.ts';
import { closedFolder, ENTERED_BY_POSTGRES, makePostgresFolder, postgresUser } from './postgres-user.ts';
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
  /** For whoever finds the folder: whose it is. */
  readonly owner: object;
  readonly note?: DataNote | undefined;
}

/** Told of the folder as soon as it is there; returns what is to be called when it is gone. */
export type DataNote = (folder: string, identity: Identity) => () => void;

/** In the folder, from the first on: `owner` as JSON. */
export const OWNER_FILE = 'owner.json';

/** The folder itself is ours, also where Postgres runs as another user: what is in it cannot be exchanged by that. */
export interface DataFolder {
  readonly path: string;
  /** The cluster; belongs to Postgres's user, as the next one. */
  readonly data: string;
  /** Of the Unix socket, at which no password is asked for. */
  readonly socket: string;
}

/** Makes `stk-<run>-pg-…` in the best place; removed by `lifetime`. */
export async function makeDataFolder(options: DataFolderOptions): Promise<DataFolder> {
  const { run, port, databases, size = UNKNOWN_SIZE, lifetime, owner, note } = options;
  const bytes = size.clusterBytes + (databases + 2) * size.templateBytes;
  const base = await chooseBase(socketIn(join(`${dataFolderPrefix(run)}XXXXXX`, SOCKET), port), bytes);
  const { path, identity } = makePrivateFolder(base, dataFolderPrefix(run), ENTERED_BY_POSTGRES);
  let gone = (): void => {};
  lifetime.defer(`remove ${path}`, () => removeDataFolder(path, identity).then(() => gone()));
  gone = note?.(path, identity) ?? gone;
  await writeFile(join(path, OWNER_FILE), JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
  const folder: DataFolder = { path, data: join(path, 'data'), socket: join(path, SOCKET) };
  await makePostgresFolder(folder.data);
  await makePostgresFolder(folder.socket);
  return folder;
}

const SOCKET = 's';

/** The socket that a Postgres on `port` makes. */
function socketIn(folder: string, port: number): string {
  return join(folder, `.s.PGSQL.${port}`);
}

async function chooseBase(socket: string, bytes: number): Promise<string> {
  const bases = (await hasRoom('/dev/shm', bytes)) ? ['/dev/shm', tmpdir(), '/tmp'] : [tmpdir(), '/tmp'];
  for (const base of bases) {
    if (Buffer.byteLength(join(base, socket)) >= LONGEST_SOCKET) continue;
    if (await usable(base)) return base;
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

/** We make the folder, Postgres has to enter it. */
async function usable(base: string): Promise<boolean> {
  try {
    await access(base, constants.W_OK | constants.X_OK);
    return (await closedFolder(base, postgresUser())) === undefined;
  } catch {
    return false; // TMPDIR may name a folder that does not exist
  }
}
