// What runs on the embedded server have kept: clusters of kept databases alone, stopped cleanly and never written again.
// Whoever opens one works on a copy. kept/<run>/{data, kept.json}
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StacksError } from '../../errors.ts';
import type { Kept } from '../databases/kept.ts';
import type { Binaries, BinariesChoice } from './binaries.ts';
import { cacheFolder } from './cache-folder.ts';
import type { ClusterSize } from './cluster-cache.ts';
import { copyFolder } from './copy-folder.ts';
import { openCacheSection } from './own-cache.ts';
import { makePostgresFolder } from './postgres-user.ts';
import { discardFolder, publishFolder, removeLeftovers } from './published-folder.ts';

export interface KeptCluster {
  readonly folder: string;
  readonly size: ClusterSize;
  readonly kept: readonly Kept[];
  /** What its binaries were chosen by. Absent in what an older version has kept. */
  readonly choice?: BinariesChoice;
}

/** Moves the stopped cluster in `data` into the cache of `root`. */
export async function putClusterAway(
  root: string,
  run: string,
  data: string,
  content: Omit<KeptCluster, 'folder'>,
): Promise<void> {
  const section = await cacheSectionOf(root);
  await removeLeftovers(section);
  await publishFolder(section, run, async (folder) => {
    await writeFile(join(folder, CONTENT), JSON.stringify(content), { mode: 0o600 });
    const moved = join(folder, 'data');
    await rename(data, moved).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error;
      await makePostgresFolder(moved);
      // The run has ended: there is no signal to listen to.
      await copyFolder(data, moved, new AbortController().signal);
    });
  });
}

/** Those in the cache of `root`, the oldest first. */
export async function findKeptClusters(root: string): Promise<KeptCluster[]> {
  const section = await cacheSectionOf(root);
  const names = await readdir(section);
  const found = await Promise.all(
    names.filter((name) => /^[0-9a-f]{10}$/.test(name)).map((name) => read(section, name)),
  );
  return found
    .filter((each) => each !== undefined)
    .sort((a, b) => a.at - b.at)
    .map(({ cluster }) => cluster);
}

export async function discardKeptCluster({ folder }: KeptCluster): Promise<void> {
  await discardFolder(dirname(folder), basename(folder));
}

/** @throws POSTGRES_FAILED when it is of another major than the binaries: they could not start it. */
export async function refuseOtherMajor({ folder }: KeptCluster, { major, bin }: Binaries): Promise<void> {
  const of = Number.parseInt(await readFile(join(folder, 'data', 'PG_VERSION'), 'utf8'), 10);
  if (of === major) return;
  throw new StacksError('POSTGRES_FAILED', `what was kept is of Postgres ${of}; the binaries in ${bin} are ${major}.`, {
    hint: `install Postgres ${of} there again to look at it, or remove it: \`npx playwright-stacks clean\`.`,
  });
}

/** Copies the cluster into `data`, an empty folder. */
export async function takeKeptCluster({ folder }: KeptCluster, data: string, signal: AbortSignal): Promise<void> {
  await copyFolder(join(folder, 'data'), data, signal);
}

const CONTENT = 'kept.json';

async function cacheSectionOf(root: string): Promise<string> {
  return openCacheSection(await cacheFolder(root), 'kept');
}

/** Undefined: another process removes it. */
async function read(section: string, name: string): Promise<{ at: number; cluster: KeptCluster } | undefined> {
  const folder = join(section, name);
  try {
    const content: Omit<KeptCluster, 'folder'> = JSON.parse(await readFile(join(folder, CONTENT), 'utf8'));
    return { at: (await stat(folder)).mtimeMs, cluster: { folder, ...content } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
