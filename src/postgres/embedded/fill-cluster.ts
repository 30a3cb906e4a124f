// Fills the data folder of a run: from the cached cluster that holds its templates, else from the cached empty one,
// else by initdb.
import { messageOf } from '../../errors.ts';
import { identityOf } from '../../files/identity.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import type { ClusterCache } from './cluster-cache.ts';
import { UNKNOWN_SIZE } from './data-folder.ts';
import { initdb } from './initdb.ts';
import { makePostgresFolder } from './postgres-user.ts';
import { removeSegment } from './remove-data-folder.ts';
import type { Runnable } from './runnable-binaries.ts';

/** `kept`: a copy of what an earlier run has kept. */
export type ClusterKind = 'cached' | 'base' | 'initdb' | 'kept';

export interface FillOptions {
  readonly cache: ClusterCache;
  /** Names in the cache; no `cached`: the run has no key. */
  readonly cached: string | undefined;
  readonly base: string;
  readonly runnable: Runnable;
  readonly major: number;
  readonly data: string;
  readonly signal: AbortSignal;
}

/**
 * Fills `data` and lets `start` try it. A cluster from the cache that cannot be started (the machine went down before
 * it was on disk) is thrown away, and the next source is tried.
 */
export async function fillCluster(options: FillOptions, start: () => Promise<void>): Promise<ClusterKind> {
  const { cache, cached, base, data, signal } = options;
  for (const [kind, name] of [
    ['cached', cached],
    ['base', base],
  ] as const) {
    if (name === undefined) continue;
    await empty(data);
    try {
      if ((await cache.take(name, data, signal)) === 'missing') continue;
      await start();
      return kind;
    } catch (error) {
      if (signal.aborted || NOT_ITS_FAULT.test(messageOf(error))) throw error;
      await cache.discard(name);
    }
  }
  await empty(data);
  await initdb(options.runnable, options.major, data, signal);
  await cache.publish(base, data, UNKNOWN_SIZE, signal).catch((error) => {
    if (signal.aborted) throw error; // a cache that cannot be written costs the next run a second, not this one its life
  });
  await start();
  return 'initdb';
}

const NOT_ITS_FAULT = /could not listen|No space left on device/;

async function empty(data: string): Promise<void> {
  await removeSegment(data); // of a Postgres that was killed while it started
  const identity = identityOf(data);
  if (identity) await removeFolder(data, identity);
  await makePostgresFolder(data);
}
