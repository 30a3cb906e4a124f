// What the runs of a project have kept, wherever it is now: on the servers of living runs, in the cache, on a server.
import { findRuns, isProjectOf } from '../cleanup/find-runs.ts';
import { withClient } from '../postgres/client/connection.ts';
import { withDatabase } from '../postgres/client/connection-string.ts';
import type { Kept } from '../postgres/databases/kept.ts';
import { keptDatabases } from '../postgres/databases/kept-databases.ts';
import { findKeptClusters, type KeptCluster } from '../postgres/embedded/kept-clusters.ts';
import { connectTo } from '../postgres/existing/existing.ts';

export interface FoundKept {
  readonly kept: Kept;
  /** The server where it is, by its main database; or the cluster, of which no server runs. */
  readonly place:
    | { readonly kind: 'server'; readonly url: string }
    | { readonly kind: 'cluster'; readonly cluster: KeptCluster };
}

/**
 * @param folder in the project
 * @param url the server on which to look, too
 */
export async function findKept(folder: string, url: string | undefined): Promise<FoundKept[]> {
  const living = findRuns().filter(({ runner, root }) => runner === 'running' && isProjectOf(root, folder));
  const ofRuns = await Promise.all(
    living.flatMap(({ stacks: [stack] }) => (stack ? [onServer(stack.databaseUrl).catch(() => [])] : [])), // it just ends
  );
  const clusters = (await findKeptClusters(folder)).flatMap((cluster) =>
    cluster.kept.map((kept): FoundKept => ({ kept, place: { kind: 'cluster', cluster } })),
  );
  const all = [...clusters, ...(url ? await onServer(url) : []), ...ofRuns.flat()];
  // A living run on that server would be there twice.
  const byName = new Map(all.map((found) => [found.kept.name, found]));
  return [...byName.values()].filter(({ kept }) => isProjectOf(kept.root, folder));
}

/** The one of that name, or an error that says which there are. */
export async function mustFindKept(name: string, folder: string, url: string | undefined): Promise<FoundKept> {
  const all = await findKept(folder, url);
  const found = all.find(({ kept }) => kept.name === name);
  if (found) return found;
  const known = all.length > 0 ? `there are ${all.map(({ kept }) => kept.name).join(', ')}` : 'there is none';
  const where = url ? '' : '; to look on a server of yours as well, set STACKS_DATABASE_URL';
  throw new Error(`nothing is kept as '${name}': ${known}${where}.`);
}

async function onServer(url: string): Promise<FoundKept[]> {
  const all = await withClient(connectTo(url, { purpose: 'find kept', timeout: 5_000 }), keptDatabases);
  return all.map((kept) => ({ kept, place: { kind: 'server', url: withDatabase(url, kept.name) } }));
}
