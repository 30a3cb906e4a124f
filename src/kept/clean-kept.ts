// Removes what the runs of a project have kept: clusters in the cache, databases on a server.
import { findRuns } from '../cleanup/find-runs.ts';
import { withClient } from '../postgres/client/connection.ts';
import { dropKept } from '../postgres/databases/kept-databases.ts';
import { discardKeptCluster } from '../postgres/embedded/kept-clusters.ts';
import { connectTo } from '../postgres/existing/existing.ts';
import { findKept } from './find-kept.ts';

/**
 * Returns what it removed, or would remove; nothing of a run that lives.
 * @param folder in the project
 * @param url the server on which to look, too
 */
export async function cleanKept(folder: string, url: string | undefined, how: 'drop' | 'look'): Promise<string[]> {
  const living = new Set(findRuns().flatMap(({ run, runner }) => (runner === 'running' ? [run] : [])));
  const removed: string[] = [];
  for (const { kept, place } of await findKept(folder, url)) {
    if (living.has(kept.run)) continue;
    if (place.kind === 'cluster') {
      if (how === 'drop') await discardKeptCluster(place.cluster);
    } else if (
      !url ||
      !(await withClient(connectTo(url, { purpose: 'clean' }), (client) => dropKept(client, kept, how)))
    ) {
      continue;
    }
    removed.push(`${kept.name}, kept of '${kept.test}'`);
  }
  return removed;
}
