// Drops what a run that has ended left on an existing server. Its lock says that it has ended: who holds it may.
import { BUILD_LOCK, freeLock, RUN_LOCK, takeLock, tryLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { type Ours, ourDatabases } from '../databases/our-databases.ts';
import { forget } from '../databases/registry.ts';
import { connectTo } from './existing.ts';
import { type Dropped, type Sweeping, together, tryToDrop } from './try-to-drop.ts';

/** Milliseconds that the runner's own session may take to notice that the runner is dead. */
const LEASE_TIMEOUT_MS = 3_000;

/** For the reaper: waits until the run's lock is free. Returns the names of what it dropped; throws for what it could not. */
export async function dropRun(url: string, run: string): Promise<readonly string[]> {
  const { dropped, failures } = await withClient(connectTo(url, { purpose: 'reaper' }), async (client) => {
    await takeLock(client, RUN_LOCK, run, { waitsFor: `the lock of run ${run}`, timeout: LEASE_TIMEOUT_MS });
    return together(await dropDatabasesOf(client, run, 'drop'), await dropUnfinished(client, 'drop'));
  });
  if (failures.length > 0) throw new Error(failures.join('; '));
  return dropped;
}

/** Drops the databases of `run`, whose lock `client` holds. */
export async function dropDatabasesOf(client: Client, run: string, how: Sweeping): Promise<Dropped> {
  const all = (await ourDatabases(client)).filter(({ mayDrop, note }) => mayDrop && note.run === run);
  const done: Dropped[] = [];
  for (const each of all) {
    if (each.note.kind === 'run') done.push(await tryToDrop(client, each, how));
    // Somebody has dropped what was kept, or made it his own by another name.
    else if (each.note.kind === 'kept' && !each.database && how === 'drop') await forget(client, each);
  }
  return together(...done);
}

/** Drops templates whose builder is dead. */
export async function dropUnfinished(client: Client, how: Sweeping): Promise<Dropped> {
  const done: Dropped[] = [];
  for (const found of (await ourDatabases(client)).filter(isUnfinished)) {
    const { key = '' } = found.note.template ?? {};
    if (!(await tryLock(client, BUILD_LOCK, key))) continue;
    try {
      // Its builder may have finished it before we had the lock.
      for (const now of (await ourDatabases(client, found)).filter(isUnfinished)) {
        done.push(await tryToDrop(client, now, how));
      }
    } finally {
      await freeLock(client, BUILD_LOCK, key);
    }
  }
  return together(...done);
}

function isUnfinished({ mayDrop, note, database }: Ours): boolean {
  return mayDrop && note.kind === 'template' && (!database || !note.template?.seal);
}
