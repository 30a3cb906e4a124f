// What dead runs left on an existing server: databases of runs whose lock can be had, half-built templates, and those
// that nobody used for long. Two sweeps at once, or a sweep and a reaper, are kept apart by that lock.
import { freeLock, RUN_LOCK, tryLock } from '../client/advisory-lock.ts';
import type { Client } from '../client/connection.ts';
import { ourDatabases } from '../databases/our-databases.ts';
import { dropDatabasesOf, dropUnfinished } from './drop-run.ts';
import { pruneTemplates } from './template-use.ts';
import { type Dropped, type Sweeping, together } from './try-to-drop.ts';

export async function sweepDatabases(client: Client, how: Sweeping): Promise<Dropped> {
  const done: Dropped[] = [];
  for (const run of await runsOf(client)) {
    if (!(await tryLock(client, RUN_LOCK, run))) continue;
    try {
      done.push(await dropDatabasesOf(client, run, how));
    } finally {
      await freeLock(client, RUN_LOCK, run);
    }
  }
  return together(...done, await dropUnfinished(client, how), await pruneTemplates(client, how));
}

/** The keys of all runs that have something here, living ones too. */
async function runsOf(client: Client): Promise<Set<string>> {
  return new Set((await ourDatabases(client)).flatMap(({ mayDrop, note }) => (mayDrop ? [note.run] : [])));
}
