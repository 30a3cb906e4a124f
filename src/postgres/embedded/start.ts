// The run's own Postgres: started from the cache, known to nobody else, gone when the run is gone.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Lifetime } from '../../lifetime.ts';
import { COUNTING_EXTENSION } from '../statements/counting.ts';
import { type Binaries, findBinaries, LOADERS } from './binaries.ts';
import { cacheFolder } from './cache-folder.ts';
import { baseClusterName, clusterName, openClusterCache } from './cluster-cache.ts';
import { type DataNote, makeDataFolder } from './data-folder.ts';
import { EmbeddedServer } from './embedded-server.ts';
import { fillCluster } from './fill-cluster.ts';
import { writeHba } from './hba.ts';
import { localeOf } from './initdb.ts';
import { type KeptCluster, putClusterAway, refuseOtherMajor, takeKeptCluster } from './kept-clusters.ts';
import { type ProcessNote, startPostgres } from './postgres-process.ts';
import { makeRunnable } from './runnable-binaries.ts';
import { embeddedSettings } from './settings.ts';

export interface EmbeddedOptions {
  readonly root: string;
  readonly run: string;
  /** The run's private folder; gets `postgres.log`. */
  readonly folder: string;
  /** How many clones to be ready for. */
  readonly slots: number;
  /** And how many copies that are set aside. @default 0 */
  readonly copies?: number;
  /** Reserved by the caller. */
  readonly port: number;
  /** Names the templates that a cached cluster must hold; undefined: they are this run's only. */
  readonly clusterKey: string | undefined;
  readonly signal: AbortSignal;
  readonly lifetime: Lifetime;
  /** For whoever finds its data: whose they are. */
  readonly owner: object;
  readonly note?: DataNote;
  /** Told of each process, as soon as it runs. */
  readonly noteProcess?: ProcessNote;
  /** What to start from instead: a copy of it. */
  readonly kept?: KeptCluster | undefined;
  /** Default: those found from `root`. */
  readonly binaries?: Binaries | undefined;
}

/** Bytes. */
const LOG_OF_SLOT = 64 * 2 ** 20;

/** Version, locale and platform of the server that `startEmbedded` would start: part of a template's fingerprint. */
export function embeddedIdentity({ identity, major }: Binaries): string {
  return `${identity} ${process.platform}-${process.arch} ${libraryC()} UTF8 ${localeOf(major)}`;
}

/** Whether a first run from `root` finds an empty cluster to copy. */
export async function hasBaseCluster(root: string, binaries: Binaries): Promise<boolean> {
  const cache = await openClusterCache(await cacheFolder(root));
  return (await cache.sizeOf(baseClusterName(embeddedIdentity(binaries)))) !== undefined;
}

/** Resolves when it accepts connections and has proved to be the one that we started. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { root, run, folder, slots, port, clusterKey, kept, signal, lifetime, owner, noteProcess } = options;
  const binaries = options.binaries ?? (await findBinaries(root));
  if (kept) await refuseOtherMajor(kept, binaries);
  const identity = embeddedIdentity(binaries);
  const cacheAt = await cacheFolder(root);
  const cache = await openClusterCache(cacheAt);
  const cached = clusterKey === undefined ? undefined : clusterName(identity, clusterKey);
  const size = kept?.size ?? (cached === undefined ? undefined : await cache.sizeOf(cached));

  const made = await makeDataFolder({
    run,
    port,
    databases: slots + (options.copies ?? 0),
    size,
    lifetime,
    owner,
    note: options.note,
  });
  const { path: home, data, socket } = made;
  const runnable = await makeRunnable(binaries, cacheAt, join(home, 'lib'));
  const { major } = binaries;
  const counts = hasCounting(binaries);
  const title = `stk-${run}`;
  const { extensions } = binaries;
  const settings = embeddedSettings({
    major,
    port,
    slots,
    socket,
    hba: await writeHba(home),
    title,
    counts,
    extensions,
  });
  const log = join(folder, 'postgres.log');
  const fullLog = Math.max(1, slots) * LOG_OF_SLOT;

  const server = new EmbeddedServer({
    ...{ title, port, home, socket, identity, counts, log, binaries },
    spawn: () => startPostgres({ runnable, data, settings, port, log, fullLog, signal, note: noteProcess }),
    keep: cached === undefined ? undefined : (templates) => cache.publish(cached, data, templates, signal),
    putAway: (kept, size) => putClusterAway(root, run, data, { size, kept, choice: binaries.choice ?? {} }),
  });
  lifetime.defer('stop Postgres', () => server.close(), { timeout: 15_000 });
  if (kept) {
    await takeKeptCluster(kept, data, signal);
    await server.start();
    server.cluster = 'kept';
    return server;
  }
  const sources = { cache, cached, base: baseClusterName(identity), runnable, major, data, signal };
  server.cluster = await fillCluster(sources, () => server.start());
  return server;
}

/** What has the library, too: one that cannot be loaded would not let it start. */
function hasCounting({ share, libraries }: Binaries): boolean {
  if (share === undefined || !existsSync(join(share, 'extension', `${COUNTING_EXTENSION}.control`))) return false;
  const names = ['so', 'dylib'].map((ending) => `${COUNTING_EXTENSION}.${ending}`);
  return libraries === undefined || names.some((name) => existsSync(join(libraries, name)));
}

/** The system's, by the size of its loader: another one may order text differently, and an index would be wrong. */
function libraryC(): string {
  const loader = LOADERS[process.arch];
  return `libc ${(loader && statSync(loader, { throwIfNoEntry: false })?.size) ?? 'unknown'}`;
}
