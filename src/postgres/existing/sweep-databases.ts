// What dead runs left on an existing server: databases of runs whose lock can be had, half-built templates, and those
// that nobody used for long. Two sweeps at once, or a sweep and a reaper, are kept apart by that lock.
import { runOfDatabase } from '../../names.ts';
import { freeLock, RUN_LOCK, tryLock } from '../client/advisory-lock.ts';
import type { Client } from '../client/connection.ts';
import { ourDatabases } from '../databases/our-databases.ts';
import { dropDatabasesOf, dropUnfinished, type Sweeping } from './drop-run.ts';
import { pruneTemplates } from './template-use.ts';

/** Returns the names of what it dropped, or would drop. */
export async function sweepDatabases(client: Client, how: Sweeping): Promise<string[]> {
  const dropped: string[] = [];
  for (const run of await runsOf(client)) {
    if (!(await tryLock(client, RUN_LOCK, run))) continue;
    try {
      dropped.push(...(await dropDatabasesOf(client, run, how)));
    } finally {
      await freeLock(client, RUN_LOCK, run);
    }
  }
  return [...dropped, ...(await dropUnfinished(client, how)), ...(await pruneTemplates(client, how))];
}

/** The keys of all runs that have databases here, living ones too. */
async function runsOf(client: Client): Promise<Set<string>> {
  const found = await ourDatabases(client);
  return new Set(found.flatMap(({ name }) => runOfDatabase(name) ?? []));
}
