// Dropping databases of ours, whoever is still connected to them; never one of anybody else's.
import { StacksError } from '../../errors.ts';
import { poll } from '../../wait.ts';
import { type Client, withClient } from '../client/connection.ts';
import { guardLeftOpen } from '../client/left-open.ts';
import { quoteIdent } from '../client/quote.ts';
import { inTransaction } from '../client/transaction.ts';
import type { DatabaseServer } from '../database-server.ts';
import { ourDatabases } from './our-databases.ts';
import { type Entry, endMaker, forget, type Made } from './registry.ts';
import { release } from './release.ts';

/** Milliseconds from the request to end sessions until they are forced. */
const SESSIONS_TIMEOUT_MS = 5_000;

/** Drops what this process has made, whatever it is called now, and what the application has made in its place since. */
export async function dropMade(server: DatabaseServer, { name, oid, entry }: Made): Promise<void> {
  await withClient(server.connect({ purpose: `drop ${name}` }), async (client) => {
    await dropByOid(client, oid);
    const { rows } = await client.query<{ oid: string }>(IN_ITS_PLACE, [name, server.owner]);
    for (const remade of rows) await dropByOid(client, remade.oid);
    await forget(client, entry);
  });
}

/** Drops the database of an entry whose maker is dead or done, and the entry. */
export async function dropOurs(client: Client, entry: Entry): Promise<void> {
  // A CREATE DATABASE goes on when whoever asked for it is dead, and would land after we have looked.
  await endMaker(client, entry, SESSIONS_TIMEOUT_MS);
  for (const { database } of await ourDatabases(client, entry)) if (database) await dropByOid(client, database.oid);
  await forget(client, entry);
}

/** Ends the sessions of others on the database; false: some were still there after `timeout` ms. */
export async function endSessions(client: Client, oid: string, timeout: number): Promise<boolean> {
  guardLeftOpen(client.port);
  await client.query(END_SESSIONS, [oid]);
  return waitUntilUnused(client, oid, timeout);
}

/** Whether within `timeout` ms nobody but `client` is connected to the database. */
export async function waitUntilUnused(client: Client, oid: string, timeout: number): Promise<boolean> {
  const isUnused = async () => {
    const { rows } = await client.query<{ used: boolean }>(USED, [oid]);
    return !rows[0]?.used || undefined;
  };
  return (await poll(isUnused, { timeout, interval: 2 })) ?? false;
}

/** For one who knows that it is ours. */
async function dropByOid(client: Client, oid: string): Promise<void> {
  const { rows } = await client.query<{ name: string; limit: number }>(BY_OID, [oid]);
  const [found] = rows;
  if (!found) return;
  const name = quoteIdent(found.name);
  // A drop that was interrupted leaves a database that can only be dropped.
  if (found.limit !== INVALID) await alter(client, oid, found.name, 'ALLOW_CONNECTIONS false IS_TEMPLATE false');
  // Faster than DROP … WITH (FORCE), which looks every 100 ms.
  const force = (await endSessions(client, oid, SESSIONS_TIMEOUT_MS)) ? '' : 'WITH (FORCE)';
  const drop = () => client.query(`DROP DATABASE IF EXISTS ${name} ${force}`);
  await drop().catch(async (error) => {
    if (Reflect.get(Object(error), 'code') !== IN_USE) throw error;
    await alter(client, oid, found.name, 'ALLOW_CONNECTIONS true CONNECTION LIMIT -1');
    await release(client, found.name);
    await alter(client, oid, found.name, 'ALLOW_CONNECTIONS false');
    await drop();
  });
}

/** Throws when the name is another database's by now. */
async function alter(client: Client, oid: string, name: string, options: string): Promise<void> {
  await inTransaction(client, async () => {
    await client.query(`ALTER DATABASE ${quoteIdent(name)} WITH ${options}`);
    const { rowCount } = await client.query(`${BY_OID} AND datname = $2`, [oid, name]);
    if (rowCount === 0) throw renamed(name); // right now: what is called like that is somebody else's
  });
}

const BY_OID = `
  SELECT datname AS name, datconnlimit AS "limit"
    FROM pg_catalog.pg_database
   WHERE oid = $1::oid`;

const INVALID = -2;
const IN_USE = '55006';

const IN_ITS_PLACE = `
  SELECT d.oid::text AS oid
    FROM pg_catalog.pg_database d
    JOIN pg_catalog.pg_roles r ON r.oid = datdba
   WHERE datname = $1 AND rolname IN ($2, current_user)`;

const END_SESSIONS = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE datid = $1::oid AND pid <> pg_catalog.pg_backend_pid()`;

const USED = `
  SELECT EXISTS (
    SELECT FROM pg_catalog.pg_stat_activity
     WHERE datid = $1::oid AND pid <> pg_catalog.pg_backend_pid()
  ) AS used`;

function renamed(name: string): StacksError {
  return new StacksError('TEARDOWN_FAILED', `the database "${name}" was renamed while it was to be dropped.`, {
    hint: 'run `npx playwright-stacks clean`, which looks again.',
  });
}
