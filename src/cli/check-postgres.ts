// The Postgres that a run would use: the embedded binaries, or the server that STACKS_DATABASE_URL names.
import { findBinaries } from '../postgres/binaries.ts';
import { cacheFolder } from '../postgres/cache-folder.ts';
import { type Client, withClient } from '../postgres/connection.ts';
import { serverTitle } from '../postgres/connection-string.ts';
import { connectTo } from '../postgres/existing.ts';
import { readFacts, refuseUnfit } from '../postgres/refuse-unfit.ts';
import { grantToRewind } from '../rewind/grant.ts';
import { mayRewind } from '../rewind/install.ts';
import type { Check } from './doctor.ts';

/** Connections that a stack is taken to need. */
const OF_A_STACK = 10;

/** Throws what a run would throw. */
export async function checkPostgres(folder: string, url: string | undefined, workers: number): Promise<Check> {
  if (url) return withClient(connectTo(url, { purpose: 'doctor' }), (client) => checkServer(client, url, workers));
  const { version } = await findBinaries(folder);
  return { state: 'ok', found: `embedded ${version}, cached in ${await cacheFolder(folder)}` };
}

async function checkServer(client: Client, url: string, workers: number): Promise<Check> {
  const title = serverTitle(url);
  const facts = await readFacts(client);
  refuseUnfit(facts, title);
  const found = `${facts.version} at ${title}, as ${facts.role}`;
  if (!(await mayRewind(client))) {
    const todo = `tests cannot be rewound, files can; a superuser changes that: ${grantToRewind(facts.role, facts.number)}`;
    return { state: 'warn', found, todo };
  }
  const { rows } = await client.query<{ max: number }>(`SELECT current_setting('max_connections')::int AS max`);
  const max = rows[0]?.max ?? 0;
  if (max >= workers * OF_A_STACK) return { state: 'ok', found };
  return { state: 'warn', found, todo: `max_connections is ${max}: raise it, or run fewer workers than ${workers}` };
}
