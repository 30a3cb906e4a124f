// Drops what a run that has ended left on an existing server. Its lock says that it has ended: who holds it may.
import { setTimeout as delay } from 'node:timers/promises';
import { fingerprintOfTemplate, runOfDatabase } from '../../names.ts';
import { BUILD_LOCK, freeLock, RUN_LOCK, takeLock, tryLock } from '../client/advisory-lock.ts';
import { APPLICATION, type Client, withClient } from '../client/connection.ts';
import { dropOurs } from '../databases/drop.ts';
import { isOfRun, isOurs } from '../databases/marker.ts';
import { ourDatabases } from '../databases/our-databases.ts';
import { connectTo } from './existing.ts';

/** Milliseconds that the runner's own session may take to notice that the runner is dead. */
const LEASE_ENDS = 3_000;
/** And the sessions that were making or dropping a database. */
const SESSIONS_END = 2_000;

/** `look`: only says what it would drop. */
export type Sweeping = 'drop' | 'look';

/** For the reaper: waits until the run's lock is free. Returns the names of what it dropped. */
export async function dropRun(url: string, run: string): Promise<string[]> {
  return withClient(connectTo(url, { purpose: 'reaper' }), async (client) => {
    await takeLock(client, RUN_LOCK, run, { waitsFor: `the lock of run ${run}`, timeout: LEASE_ENDS });
    const dropped = await dropDatabasesOf(client, run, 'drop');
    return [...dropped, ...(await dropUnfinished(client, 'drop'))];
  });
}

/** Drops the databases of `run`, whose lock `client` holds. */
export async function dropDatabasesOf(client: Client, run: string, how: Sweeping): Promise<string[]> {
  if (how === 'drop') await endSessionsOf(client, run);
  const all = await ourDatabases(client);
  const left = all.filter(({ name, comment }) => runOfDatabase(name) === run && isOfRun(comment, run));
  for (const { name } of left) if (how === 'drop') await dropOurs(client, name);
  return left.map(({ name }) => name);
}

/** Drops templates whose builder is dead: half-built ones, and finished ones whose dropping was interrupted. */
export async function dropUnfinished(client: Client, how: Sweeping): Promise<string[]> {
  const dropped: string[] = [];
  for (const { name, comment, sealed } of await ourDatabases(client)) {
    const key = fingerprintOfTemplate(name);
    if (key === undefined || sealed || !(comment === null || isOurs(name, comment))) continue;
    if (!(await tryLock(client, BUILD_LOCK, key))) continue;
    try {
      // Its builder may have finished it before we had the lock.
      const now = (await ourDatabases(client)).find((found) => found.name === name);
      if (now && !now.sealed) {
        if (how === 'drop') await dropOurs(client, name);
        dropped.push(name);
      }
    } finally {
      await freeLock(client, BUILD_LOCK, key);
    }
  }
  return dropped;
}

/** A CREATE DATABASE goes on when whoever asked for it is dead, and would land after we have looked. */
async function endSessionsOf(client: Client, run: string): Promise<void> {
  const deadline = Date.now() + SESSIONS_END;
  for (;;) {
    const { rowCount } = await client.query(END_SESSIONS, [`${APPLICATION}: `, run]);
    if (rowCount === 0 || Date.now() > deadline) return;
    await delay(5);
  }
}

const END_SESSIONS = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE starts_with(application_name, $1)
     AND strpos(application_name, $2) > 0
     AND usename = current_user
     AND pid <> pg_catalog.pg_backend_pid()`;
