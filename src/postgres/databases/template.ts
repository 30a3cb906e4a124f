// The migrated and seeded database that clones are made of: built once, under a lock, and sealed when it is whole.
import type { TaskContext } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import { templateName, unfinishedTemplateName } from '../../names.ts';
import { BUILD_LOCK, takeLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { databaseEnv } from '../client/connection-string.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import type { DatabaseRole, DatabaseServer } from '../database-server.ts';
import { createDatabase } from './create-database.ts';
import { type DatabaseExtras, readExtras } from './database-extras.ts';
import { dropOurs, endSessions, waitUntilUnused } from './drop.ts';
import { markerComment } from './marker.ts';

export interface TemplateSpec {
  /** The fingerprint; the run's key, with the variant's name, when the template is this run's only. */
  readonly key: string;
  readonly run: string;
  readonly extensions: readonly string[];
  readonly role: DatabaseRole;
  readonly migrate: ((context: TaskContext) => Promise<void>) | undefined;
  readonly seed: ((context: TaskContext) => Promise<void>) | undefined;
  /** The last step, in a session with the most rights that we have. */
  readonly finish?: ((client: Client) => Promise<unknown>) | undefined;
  /** Milliseconds to wait for another run that builds the same; default 10 minutes. */
  readonly patience?: number;
}

export interface Template {
  readonly database: string;
  /** False: it was there. */
  readonly built: boolean;
  readonly ms: { readonly migrate: number; readonly seed: number; readonly total: number };
  readonly extras: DatabaseExtras;
}

/** Makes the template of `spec` exist. A build that fails leaves nothing. `migrate` and `seed` heed `signal` themselves. */
export async function ensureTemplate(
  server: DatabaseServer,
  spec: TemplateSpec,
  signal: AbortSignal,
): Promise<Template> {
  const began = performance.now();
  const database = templateName(spec.key);
  const waiting = { waitsFor: `the template "${database}"`, timeout: spec.patience ?? 600_000 };
  return withClient(lockedSession(server, spec, waiting, signal), async (client) => {
    let times = { migrate: 0, seed: 0 };
    const built = !(await isSealed(client, database));
    if (built) times = await build(server, client, spec, signal);
    await server.use(spec.key);
    const extras = await readExtras(client, database);
    return { database, built, ms: { ...times, total: performance.now() - began }, extras };
  });
}

/** The lock is held by the session: it goes when we go. An abort ends the waiting, not the cleaning up after it. */
async function lockedSession(
  server: DatabaseServer,
  { key, run }: TemplateSpec,
  waiting: { waitsFor: string; timeout: number },
  signal: AbortSignal,
): Promise<Client> {
  const client = await server.connect({ purpose: `build ${key} for ${run}` });
  const end = () => void client.end().catch(() => {}); // lost: nothing to end
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    await takeLock(client, BUILD_LOCK, key, waiting);
    return client;
  } catch (error) {
    end();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function isSealed(client: Client, database: string): Promise<boolean> {
  const { rows } = await client.query<{ sealed: boolean }>(
    'SELECT datistemplate AS sealed FROM pg_catalog.pg_database WHERE datname = $1',
    [database],
  );
  return rows[0]?.sealed === true;
}

/** All under the lock: nobody else uses these names. */
async function build(
  server: DatabaseServer,
  client: Client,
  spec: TemplateSpec,
  signal: AbortSignal,
): Promise<{ migrate: number; seed: number }> {
  const { key, run } = spec;
  const unfinished = unfinishedTemplateName(key);
  await dropOurs(client, unfinished);
  await dropOurs(client, templateName(key)); // unsealed: dropping it was interrupted
  try {
    await createDatabase(server, client, { name: unfinished, owner: server.owner });
    const marker = markerComment({ run, template: key });
    await client.query(`COMMENT ON DATABASE ${quoteIdent(unfinished)} IS ${quoteLiteral(marker)}`);
    await createExtensions(server, unfinished, spec.extensions);
    const url = server.urlFor(unfinished, spec.role);
    const context = { url, env: databaseEnv(url) };
    const migrate = await timed(spec.migrate, context, signal);
    const seed = await timed(spec.seed, context, signal);
    const { finish } = spec;
    if (finish) {
      const session = { purpose: 'finish template', database: unfinished, settings: 'inherited' } as const;
      await withClient(server.connect(session), finish);
    }
    await seal(server, client, unfinished, templateName(key));
    return { migrate, seed };
  } catch (error) {
    await dropOurs(client, unfinished).catch(() => {}); // the first cause counts; the next builder drops it
    throw error;
  }
}

async function createExtensions(
  server: DatabaseServer,
  database: string,
  extensions: readonly string[],
): Promise<void> {
  if (extensions.length === 0) return;
  // Where an extension goes is for the search_path to say.
  const session = { purpose: 'create extensions', database, settings: 'inherited' } as const;
  await withClient(server.connect(session), async (client) => {
    for (const [index, extension] of extensions.entries()) {
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdent(extension)} CASCADE`).catch((cause) => {
        throw new StacksError('POSTGRES_FAILED', `the extension "${extension}" could not be created.`, {
          facts: { reason: cause.message, server: `${server.kind}, Postgres ${server.version}` },
          hint: `see \`database.extensions[${index}]\`, or set \`database.url\` to a server that has it.`,
          cause,
        });
      });
    }
  });
}

async function timed(task: TemplateSpec['migrate'], context: TaskContext, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const began = performance.now();
  await task?.(context);
  signal.throwIfAborted();
  return task ? performance.now() - began : 0;
}

/** A pool that a task left open closes its idle connections after 10 s; only then they are ended. */
const PATIENCE = 12_000;

async function seal(server: DatabaseServer, client: Client, unfinished: string, database: string): Promise<void> {
  // The first session after the last DDL writes a file that makes the first one on every clone twice as fast.
  await withClient(server.connect({ purpose: 'warm up', database: unfinished }), (warm) => warm.query('SELECT 1'));
  if (!(await waitUntilUnused(client, unfinished, PATIENCE))) await endSessions(client, unfinished, PATIENCE);
  await client.query(`
    BEGIN;
    ALTER DATABASE ${quoteIdent(unfinished)} RENAME TO ${quoteIdent(database)};
    ALTER DATABASE ${quoteIdent(database)} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true;
    COMMIT`);
}
