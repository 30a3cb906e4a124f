// The Postgres that a run would use: the embedded binaries, or the server that STACKS_DATABASE_URL names.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { optionsTable } from '../config/schema.ts';
import { missingHint, type ServerWithout, titleOf } from '../extensions/hints.ts';
import { type Client, withClient } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { unavailable } from '../postgres/databases/create-extensions.ts';
import { missingAccount } from '../postgres/embedded/account.ts';
import type { Binaries } from '../postgres/embedded/binaries.ts';
import { cacheFolder } from '../postgres/embedded/cache-folder.ts';
import { chooseBinaries } from '../postgres/embedded/choose-binaries.ts';
import { hasBaseCluster } from '../postgres/embedded/start.ts';
import { connectTo } from '../postgres/existing/existing.ts';
import { readFacts, refuseUnfit } from '../postgres/existing/refuse-unfit.ts';
import { isUnbound } from '../rewind/grant.ts';
import type { Check } from './check.ts';
import { configuredPostgres } from './configured-postgres.ts';

/** Throws what a run would throw. */
export async function checkPostgres(folder: string, url: string | undefined, workers: number): Promise<Check> {
  const { option, choice, extensions } = await configuredPostgres(folder);
  if (url) {
    return withClient(connectTo(url, { purpose: 'doctor' }), (client) => checkServer(client, url, workers, extensions));
  }
  const binaries = await chooseBinaries(folder, choice, { option, signal: new AbortController().signal });
  const missing = await missingAccount();
  // Where there is a cluster to copy, initdb is not asked.
  if (missing && !(await hasBaseCluster(folder, binaries))) throw missing;
  const { version, bin, native } = binaries;
  const lacking = extensions.filter((name) => !hasControl(binaries, name));
  if (lacking.length > 0)
    return lacks(lacking, { kind: 'embedded', version, bin: native === undefined ? bin : undefined });
  const what = native === undefined ? `${version} in ${bin}` : version;
  return { state: 'ok', found: `embedded ${what}, cached in ${await cacheFolder(folder)}` };
}

/** Where its folder is not known, it is not said to lack any. */
function hasControl({ share, extensions }: Binaries, name: string): boolean {
  if (share === undefined) return true;
  return [share, ...(extensions?.shares ?? [])].some((each) => existsSync(join(each, 'extension', `${name}.control`)));
}

function lacks(names: readonly string[], server: ServerWithout): Check {
  return {
    state: 'fail',
    found: `${titleOf(server)} has no ${names.map((name) => `"${name}"`).join(', ')}, which \`extensions\` names`,
    todo: missingHint(names, server),
  };
}

async function checkServer(
  client: Client,
  url: string,
  workers: number,
  extensions: readonly string[],
): Promise<Check> {
  const title = serverTitle(url);
  const facts = await readFacts(client);
  refuseUnfit(facts, title);
  const bound = (await isUnbound(client)) ? '' : ', which may not set session_replication_role';
  const found = `${facts.version} at ${title}, as ${facts.role}${bound}`;
  const lacking = await unavailable(client, extensions);
  if (lacking.length > 0) return lacks(lacking, { kind: 'existing', version: facts.version });
  const { rows } = await client.query<{ max: number }>(`SELECT current_setting('max_connections')::int AS max`);
  const max = rows[0]?.max ?? 0;
  // The config may say more or less; a run then waits, and says so.
  const { connections } = optionsTable().database.parse({});
  if (max >= workers * connections) return { state: 'ok', found };
  return { state: 'warn', found, todo: `max_connections is ${max}: raise it, or run fewer workers than ${workers}` };
}
