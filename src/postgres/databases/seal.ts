// Sealing a template: nobody can connect to it any more, and its entry says what it was then. One that was altered since is
// not used again.
import { createHash } from 'node:crypto';
import { StacksError } from '../../errors.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent } from '../client/quote.ts';
import { inTransaction } from '../client/transaction.ts';
import type { DatabaseServer } from '../database-server.ts';
import { type DatabaseExtras, readExtras } from './database-extras.ts';
import { endSessions, waitUntilUnused } from './drop.ts';
import type { Ours } from './our-databases.ts';
import { amendment, type Made, type TemplateNote } from './registry.ts';

/** A pool that a task left open closes its idle connections after 10 s; only then they are ended. */
const SESSIONS_TIMEOUT_MS = 12_000;

/** Throws when another database than the one that was made has its name now. */
export async function seal(server: DatabaseServer, client: Client, made: Made, template: TemplateNote): Promise<Made> {
  const { name, oid, entry } = made;
  const hasUnlogged = await withClient(server.connect({ purpose: 'warm up', database: name }), warmUp);
  await inTransaction(client, () => alter(client, made, 'ALLOW_CONNECTIONS false'));
  if (!(await waitUntilUnused(client, oid, SESSIONS_TIMEOUT_MS))) await endSessions(client, oid, SESSIONS_TIMEOUT_MS);
  const settings = settingsOf(await readExtras(client, name));
  const crash = hasUnlogged ? { crash: await lastCrash(client) } : {};
  return inTransaction(client, async () => {
    const row = await alter(client, made, 'IS_TEMPLATE true');
    const sealed = { ...entry, note: { ...entry.note, template: { ...template, seal: { row, settings, ...crash } } } };
    await client.query(amendment(sealed));
    return { ...made, entry: sealed };
  });
}

/** Whether a template is what it was when it was sealed. */
export async function isIntact(client: Client, { database, note }: Ours, extras: DatabaseExtras): Promise<boolean> {
  const seal = note.template?.seal;
  if (!database?.isTemplate || database.row !== seal?.row || settingsOf(extras) !== seal.settings) return false;
  return seal.crash === undefined || seal.crash === (await lastCrash(client));
}

/**
 * The first session after the last DDL writes a file that makes the first one on every clone twice as fast.
 * @returns whether there are tables which a crash of the server empties: those of capture, and perhaps the application's
 */
async function warmUp(client: Client): Promise<boolean> {
  const { rowCount } = await client.query(UNLOGGED);
  return rowCount !== 0;
}

/** Returns the version of its row. */
async function alter(client: Client, { name, oid }: Made, change: string): Promise<string> {
  await client.query(`ALTER DATABASE ${quoteIdent(name)} WITH ${change}`);
  const { rows } = await client.query<{ row: string }>(ROW, [oid, name]);
  const [found] = rows;
  if (found) return found.row;
  throw new StacksError('POSTGRES_FAILED', `the template "${name}" was renamed or dropped while it was built.`, {
    hint: '`migrate` and `seed` must leave the database that they are given where it is.',
  });
}

/** A hash of them. */
function settingsOf({ settings }: DatabaseExtras): string {
  const all = settings.map(({ role, setting }) => JSON.stringify([role, setting])).sort();
  return createHash('sha256').update(all.join()).digest('hex').slice(0, 16);
}

/** When the server last lost what is not in its log, or its statistics were reset, which is as rare. */
async function lastCrash(client: Client): Promise<string> {
  const { rows } = await client.query<{ at: string | null }>(LAST_CRASH);
  return rows[0]?.at ?? '';
}

const ROW = `
  SELECT xmin::text AS row
    FROM pg_catalog.pg_database
   WHERE oid = $1::oid AND datname = $2`;

const UNLOGGED = `
  SELECT
    FROM pg_catalog.pg_class
   WHERE relpersistence = 'u'
   LIMIT 1`;

const LAST_CRASH = `
  SELECT extract(epoch FROM stats_reset)::text AS at
    FROM pg_catalog.pg_stat_bgwriter`;
