// What runs on the embedded server have kept: clusters of kept databases alone, stopped cleanly and never written again.
// Whoever opens one works on a copy. cache/kept-<uid>/<run>/{data, kept.json}
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Kept } from '../databases/marker.ts';
import { cacheFolder } from './cache-folder.ts';
import { type ClusterSize, copyFolder } from './cluster-cache.ts';
import { postgresUid } from './postgres-user.ts';
import { discardFolder, makeOwnFolder, publishFolder, removeLeftovers } from './published-folder.ts';
import { runTool } from './run-tool.ts';

export interface KeptCluster {
  readonly folder: string;
  readonly size: ClusterSize;
  readonly kept: readonly Kept[];
}

/** Moves the stopped cluster in `data` into the cache of `root`. */
export async function putClusterAway(
  root: string,
  run: string,
  data: string,
  content: Omit<KeptCluster, 'folder'>,
): Promise<void> {
  const shelf = await shelfOf(root);
  await makeOwnFolder(shelf).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await removeLeftovers(shelf);
  await publishFolder(shelf, run, async (folder) => {
    await writeFile(join(folder, CONTENT), JSON.stringify(content), { mode: 0o600 });
    // The run has ended: there is no signal to heed.
    await runTool(['mv', data, join(folder, 'data')], { signal: new AbortController().signal });
  });
}

/** Those in the cache of `root`, the oldest first. */
export async function findKeptClusters(root: string): Promise<KeptCluster[]> {
  const shelf = await shelfOf(root);
  const names = await readdir(shelf).catch(() => []); // nothing was ever kept
  const found = await Promise.all(names.filter((name) => /^[0-9a-f]{10}$/.test(name)).map((name) => read(shelf, name)));
  return found
    .filter((each) => each !== undefined)
    .sort((a, b) => a.at - b.at)
    .map(({ cluster }) => cluster);
}

export async function discardKeptCluster({ folder }: KeptCluster): Promise<void> {
  await discardFolder(dirname(folder), basename(folder));
}

/** Copies the cluster to `data`. */
export async function takeKeptCluster({ folder }: KeptCluster, data: string, signal: AbortSignal): Promise<void> {
  await copyFolder(join(folder, 'data'), data, signal);
}

const CONTENT = 'kept.json';

async function shelfOf(root: string): Promise<string> {
  return join(await cacheFolder(root), `kept-${postgresUid()}`);
}

/** Undefined: another process removes it. */
async function read(shelf: string, name: string): Promise<{ at: number; cluster: KeptCluster } | undefined> {
  const folder = join(shelf, name);
  try {
    const content: Omit<KeptCluster, 'folder'> = JSON.parse(await readFile(join(folder, CONTENT), 'utf8'));
    return { at: (await stat(folder)).mtimeMs, cluster: { folder, ...content } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
