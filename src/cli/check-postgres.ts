// The Postgres that a run would use: the embedded binaries, or the server that STACKS_DATABASE_URL names.
import { optionsTable } from '../config/schema.ts';
import { type Client, withClient } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { missingAccount } from '../postgres/embedded/account.ts';
import { findBinaries } from '../postgres/embedded/binaries.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';
import { hasBaseCluster } from '../postgres/embedded/start.ts';
import { connectTo } from '../postgres/existing/existing.ts';
import { readFacts, refuseUnfit } from '../postgres/existing/refuse-unfit.ts';
import { isUnbound } from '../rewind/grant.ts';
import type { Check } from './check.ts';

/** Throws what a run would throw. */
export async function checkPostgres(folder: string, url: string | undefined, workers: number): Promise<Check> {
  if (url) return withClient(connectTo(url, { purpose: 'doctor' }), (client) => checkServer(client, url, workers));
  const binaries = await findBinaries(folder);
  const missing = await missingAccount();
  // Where there is a cluster to copy, initdb is not asked.
  if (missing && !(await hasBaseCluster(folder, binaries))) throw missing;
  return { state: 'ok', found: `embedded ${binaries.version}, cached in ${await cacheFolder(folder)}` };
}

async function checkServer(client: Client, url: string, workers: number): Promise<Check> {
  const title = serverTitle(url);
  const facts = await readFacts(client);
  refuseUnfit(facts, title);
  const bound = (await isUnbound(client)) ? '' : ', which may not set session_replication_role';
  const found = `${facts.version} at ${title}, as ${facts.role}${bound}`;
  const { rows } = await client.query<{ max: number }>(`SELECT current_setting('max_connections')::int AS max`);
  const max = rows[0]?.max ?? 0;
  // The config may say more or less; a run then waits, and says so.
  const { connections } = optionsTable().database.parse({});
  if (max >= workers * connections) return { state: 'ok', found };
  return { state: 'warn', found, todo: `max_connections is ${max}: raise it, or run fewer workers than ${workers}` };
}
