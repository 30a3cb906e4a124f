// Whole clusters, stopped cleanly, to start from: one that is empty, and some that hold finished templates.
// clusters/<base | key>/{data, size.json}
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../errors.ts';
import { copyFolder } from './copy-folder.ts';
import { openCacheSection } from './own-cache.ts';
import { makePostgresFolder } from './postgres-user.ts';
import { discardFolder, publishFolder, removeLeftovers } from './published-folder.ts';

/** Raised when what a cluster holds, or how it was made, is no longer what this code expects. */
const CLUSTER_FORMAT = 1;
const KEPT = 5;
/** Empty ones: every version of Postgres has its own. */
const KEPT_BASES = 3;
const BASE = 'base-';

export interface ClusterSize {
  readonly clusterBytes: number;
  /** Of the biggest template in it. */
  readonly templateBytes: number;
}

/** The clusters that one user's runs share. */
export interface ClusterCache {
  /** Copies the cluster `name` into the empty folder `data`; 'missing' also when it vanished meanwhile. */
  take(name: string, data: string, signal: AbortSignal): Promise<'taken' | 'missing'>;
  sizeOf(name: string): Promise<ClusterSize | undefined>;
  /** Keeps a copy of the stopped cluster in `data` as `name`. */
  publish(name: string, data: string, size: ClusterSize, signal: AbortSignal): Promise<void>;
  discard(name: string): Promise<void>;
}

/** The name of the empty cluster of these binaries. */
export function baseClusterName(identity: string): string {
  return BASE + hash(identity);
}

/** The name of the cluster that holds the templates `key`. */
export function clusterName(identity: string, key: string): string {
  return hash(`${identity}\n${key}`);
}

function hash(text: string): string {
  return createHash('sha256').update(`${CLUSTER_FORMAT}\n${text}`).digest('hex').slice(0, 20);
}

/** Opens the cache in `folder`, which exists. */
export async function openClusterCache(folder: string): Promise<ClusterCache> {
  const section = await openCacheSection(folder, 'clusters');
  return {
    take: (name, data, signal) => take(section, name, data, signal),
    sizeOf: (name) => sizeOf(join(section, name)),
    publish: async (name, data, size, signal) => {
      await removeLeftovers(section);
      await publishFolder(section, name, async (made) => {
        await writeFile(join(made, 'size.json'), JSON.stringify(size));
        const copy = join(made, 'data');
        await makePostgresFolder(copy);
        await copyFolder(data, copy, signal);
      });
      await prune(section);
    },
    discard: (name) => discardFolder(section, name),
  };
}

async function take(section: string, name: string, data: string, signal: AbortSignal): Promise<'taken' | 'missing'> {
  const cluster = join(section, name);
  const before = await identify(cluster);
  if (!before) return 'missing';
  const now = new Date();
  try {
    await utimes(cluster, now, now); // the newest are kept
    await copyFolder(join(cluster, 'data'), data, signal);
  } catch (error) {
    if ((await identify(cluster)) === before) throw error;
    return 'missing';
  }
  // Still the same folder under this name: nothing of it had been removed while we copied.
  return (await identify(cluster)) === before ? 'taken' : 'missing';
}

async function identify(folder: string): Promise<number | undefined> {
  return stat(folder).then(
    ({ ino }) => ino,
    () => undefined,
  );
}

async function sizeOf(cluster: string): Promise<ClusterSize | undefined> {
  try {
    return JSON.parse(await readFile(join(cluster, 'size.json'), 'utf8')) as ClusterSize;
  } catch {
    return undefined; // no such cluster
  }
}

/** Removes the clusters of either kind that were not used for longest. Failing to is no reason to fail. */
async function prune(section: string): Promise<string | undefined> {
  try {
    const all = await readdir(section);
    await pruneTo(
      KEPT,
      section,
      all.filter((name) => /^[0-9a-f]{20}$/.test(name)),
    );
    await pruneTo(
      KEPT_BASES,
      section,
      all.filter((name) => /^base-[0-9a-f]{20}$/.test(name)),
    );
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

async function pruneTo(most: number, section: string, names: readonly string[]): Promise<void> {
  const used = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(section, name))).mtimeMs })));
  const old = used.sort((a, b) => b.at - a.at).slice(most);
  for (const { name } of old) await discardFolder(section, name);
}
