// The migrated and seeded database that clones are made of: built once, under a lock, and sealed when it is whole. It is
// found by its entry, and trusted when this role has made it and nobody has altered it.
import { randomBytes } from 'node:crypto';
import type { TaskContext } from '../../config/resolved.ts';
import { templateName } from '../../names.ts';
import { BUILD_LOCK, takeLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { databaseEnv } from '../client/connection-string.ts';
import type { DatabaseRole, DatabaseServer } from '../database-server.ts';
import { createExtensions } from './create-extensions.ts';
import { type DatabaseExtras, readExtras } from './database-extras.ts';
import { dropMade, dropOurs } from './drop.ts';
import { makeDatabase } from './make-database.ts';
import { type Ours, ourDatabases } from './our-databases.ts';
import { refusePlanted } from './refuse-planted.ts';
import type { Made } from './registry.ts';
import { isIntact, seal } from './seal.ts';

export interface TemplateSpec {
  /** `template`: all runs with this key share it, and it stays; `run`: it goes with this one. */
  readonly kind: 'template' | 'run';
  /** The fingerprint; the run's key, with the variant's name, when the template is this run's only. */
  readonly key: string;
  readonly run: string;
  readonly extensions: readonly string[];
  /** The path of the database's options: `database`. */
  readonly option?: string;
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
  /** Absent: it is a kept database, in a template's place. */
  readonly made?: Made;
}

/** Makes the template of `spec` exist. A build that fails leaves nothing. `migrate` and `seed` listen to `signal` themselves. */
export async function ensureTemplate(
  server: DatabaseServer,
  spec: TemplateSpec,
  signal: AbortSignal,
): Promise<Template> {
  const began = performance.now();
  const waiting = { waitsFor: `the template ${spec.key}`, timeout: spec.patience ?? 600_000 };
  return withClient(lockedSession(server, spec, waiting, signal), async (client) => {
    const found = await find(client, spec);
    const { made, migrate, seed } = found ?? (await build(server, client, spec, signal));
    await server.use(made);
    const extras = await readExtras(client, made.name);
    const ms = { migrate, seed, total: performance.now() - began };
    return { database: made.name, built: found === undefined, ms, extras, made };
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

interface Built {
  readonly made: Made;
  /** Milliseconds. */
  readonly migrate: number;
  readonly seed: number;
}

async function find(client: Client, spec: TemplateSpec): Promise<Built | undefined> {
  for (const { database, ...entry } of await entriesOf(client, spec)) {
    if (!database || !(await isIntact(client, { database, ...entry }, await readExtras(client, database.name))))
      continue;
    return { made: { name: database.name, oid: database.oid, entry }, migrate: 0, seed: 0 };
  }
  return undefined;
}

/** Of this role's own making. */
async function entriesOf(client: Client, { kind, key }: TemplateSpec): Promise<Ours[]> {
  const all = await ourDatabases(client);
  return all.filter(({ by, note }) => by === 'this role' && note.kind === kind && note.template?.key === key);
}

/** All under the lock: whoever began before is dead. */
async function build(server: DatabaseServer, client: Client, spec: TemplateSpec, signal: AbortSignal): Promise<Built> {
  const { kind, key, run } = spec;
  for (const entry of await entriesOf(client, spec)) if (!entry.note.template?.seal) await dropOurs(client, entry);
  const template = { key, used: new Date().toISOString().slice(0, 10) };
  const made = await makeDatabase(server, client, {
    ...{ kind, run, template },
    name: kind === 'run' ? templateName(key) : `${templateName(key)}_${randomBytes(4).toString('hex')}`,
    comment: 'A template of playwright-stacks. Later runs drop it when nobody has used it for long.',
  });
  try {
    await refusePlanted(server, made.name);
    await createExtensions(server, made.name, spec);
    const url = server.urlFor(made.name, spec.role);
    const context = { url, env: databaseEnv(url) };
    const migrate = await timed(spec.migrate, context, signal);
    const seeded = await timed(spec.seed, context, signal);
    const { finish } = spec;
    if (finish) {
      const session = { purpose: 'finish template', database: made.name, settings: 'inherited' } as const;
      await withClient(server.connect(session), finish);
    }
    return { made: await seal(server, client, made, template), migrate, seed: seeded };
  } catch (error) {
    await dropMade(server, made).catch(() => {}); // the first cause counts; the next builder drops it
    throw error;
  }
}

async function timed(task: TemplateSpec['migrate'], context: TaskContext, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const began = performance.now();
  await task?.(context);
  signal.throwIfAborted();
  return task ? performance.now() - began : 0;
}
