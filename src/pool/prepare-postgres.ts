// The run's Postgres with its templates: from a cached cluster that holds them, or built now.
import type { ResolvedDatabase, ResolvedStacks, ResolvedVariant, Task } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { Lifetime } from '../lifetime.ts';
import { withClient } from '../postgres/connection.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { dropDatabase } from '../postgres/drop.ts';
import { embeddedIdentity, startEmbedded } from '../postgres/embedded.ts';
import { useExisting } from '../postgres/existing.ts';
import { fingerprint } from '../postgres/fingerprint.ts';
import { ensureTemplate, type Template, type TemplateSpec } from '../postgres/template.ts';
import { captureVersion, installCapture, mayRewind } from '../rewind/install.ts';
import { reservePort } from '../server/ports.ts';
import { runTask } from '../server/run-command.ts';
import type { JournalWriter } from './journal.ts';
import type { PristineBy } from './run-context.ts';
import { sweepServer, tellSwept } from './sweep.ts';

export interface PostgresOptions {
  readonly run: string;
  /** The run's private folder. */
  readonly folder: string;
  readonly config: ResolvedStacks;
  readonly workers: number;
  readonly events: Events;
  readonly lifetime: Lifetime;
  readonly journal: JournalWriter;
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly postgres: DatabaseServer;
  /** By variant. */
  readonly templates: ReadonlyMap<string, Template>;
  readonly pristineBy: PristineBy;
}

/** Starts or reaches Postgres and makes every variant's template exist. */
export async function preparePostgres(options: PostgresOptions): Promise<Prepared> {
  const { config, events, lifetime, run, signal } = options;
  const began = performance.now();
  const { url, connections } = databaseOf(config);
  if (url === undefined) return prepareEmbedded(options, began);
  const postgres = await useExisting({ url, run, connections, signal, lifetime });
  // Never noted as gone: the reaper looks again after a clean end. Nothing was made before: a server that cannot be used
  // is none that it could look at.
  options.journal.note({ kind: 'server', url });
  tellReady(events, postgres, began);
  await tellSwept(() => sweepServer(postgres), events);
  const may = await withClient(postgres.connect({ purpose: 'check' }), mayRewind);
  const pristineBy = may ? 'rewind' : 'clone';
  if (!may) events.emit({ type: 'degraded', role: postgres.owner, version: postgres.versionNumber });
  const fingerprints = await fingerprintsOf(config, identityWith(pristineBy, postgres.identity));
  return { postgres, pristineBy, templates: await makeTemplates(options, postgres, fingerprints, pristineBy) };
}

async function prepareEmbedded(options: PostgresOptions, began: number): Promise<Prepared> {
  const { run, folder, config, workers, events, lifetime, journal, signal } = options;
  const fingerprints = await fingerprintsOf(config, identityWith('rewind', await embeddedIdentity(config.root)));
  const clusterKey = clusterKeyOf(fingerprints);
  const reserved = await reservePort();
  lifetime.defer(`release port ${reserved.port}`, () => reserved.release());
  const { root } = config;
  const slots = workers * config.variants.size;
  const note = (data: string) => journal.note({ kind: 'data', folder: data });
  const { port } = reserved;
  const postgres = await startEmbedded({ root, run, folder, slots, port, clusterKey, signal, lifetime, note });
  tellReady(events, postgres, began);
  const templates = await makeTemplates(options, postgres, fingerprints, 'rewind');
  if (clusterKey !== undefined && postgres.cluster !== 'cached') await postgres.publish();
  return { postgres, templates, pristineBy: 'rewind' };
}

/** Capture is part of a template: one with another capture, or without, is another template. */
function identityWith(pristineBy: PristineBy, identity: string): string {
  return pristineBy === 'rewind' ? `${identity} capture ${captureVersion}` : identity;
}

/** By variant; undefined: that template is good for this run only. */
type Fingerprints = ReadonlyMap<string, string | undefined>;

async function fingerprintsOf({ variants, root }: ResolvedStacks, identity: string): Promise<Fingerprints> {
  const found = new Map<string, string | undefined>();
  for (const { name, database } of variants.values()) found.set(name, await fingerprint(database, root, identity));
  return found;
}

/** A cluster is worth keeping when every template in it is. */
function clusterKeyOf(fingerprints: Fingerprints): string | undefined {
  const keys = [...new Set(fingerprints.values())].filter((key) => key !== undefined).sort();
  return keys.length === new Set(fingerprints.values()).size ? keys.join('-') : undefined;
}

async function makeTemplates(
  options: PostgresOptions,
  postgres: DatabaseServer,
  fingerprints: Fingerprints,
  pristineBy: PristineBy,
): Promise<ReadonlyMap<string, Template>> {
  const { config, run, events, lifetime, signal } = options;
  const templates = new Map<string, Template>();
  for (const variant of config.variants.values()) {
    const found = fingerprints.get(variant.name);
    const spec = templateSpec(variant, found ?? `${run}_${variant.name}`, options, pristineBy);
    const template = await ensureTemplate(postgres, spec, signal);
    templates.set(variant.name, template);
    const { database, built, ms } = template;
    if (found === undefined) lifetime.defer(`drop template ${database}`, () => dropTemplate(postgres, database));
    const [migrate, seed, total] = [ms.migrate, ms.seed, ms.total].map(Math.round) as [number, number, number];
    events.emit({ type: 'template-ready', database, built, reusable: found !== undefined, migrate, seed, ms: total });
  }
  return templates;
}

/** The embedded server takes its databases with it. */
async function dropTemplate(postgres: DatabaseServer, database: string): Promise<void> {
  if (postgres.kind === 'existing') await dropDatabase(postgres, database);
}

function templateSpec(
  { database }: ResolvedVariant,
  key: string,
  options: PostgresOptions,
  pristineBy: PristineBy,
): TemplateSpec {
  const { run, config, signal, journal } = options;
  const { noteGroup } = journal;
  const step = (title: string, task: Task | undefined): TemplateSpec['migrate'] =>
    task &&
    ((context) => runTask(task, { title, context, cwd: config.root, timeout: database.timeout, signal, noteGroup }));
  return {
    key,
    run,
    extensions: database.extensions,
    role: database.role,
    migrate: step('database.migrate', database.migrate),
    seed: step('database.seed', database.seed),
    finish: pristineBy === 'rewind' ? (client) => installCapture(client) : undefined,
  };
}

function databaseOf({ variants }: ResolvedStacks): ResolvedDatabase {
  const [first] = variants.values();
  if (!first) throw new Error('there is always a default variant');
  return first.database;
}

function tellReady(events: Events, postgres: DatabaseServer, began: number): void {
  const { kind, version, port, cluster, folder } = postgres;
  const ms = Math.round(performance.now() - began);
  events.emit({ type: 'postgres-ready', kind, version, port, cluster, folder, ms });
}
