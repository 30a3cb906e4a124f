// The run's Postgres with its templates: from a cached cluster that holds them, or built now.
import type { JournalWriter } from '../cleanup/journal.ts';
import { emitSwept, sweepServer } from '../cleanup/sweep.ts';
import type { ResolvedDatabase, ResolvedStacks, ResolvedVariant, Task } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { Lifetime } from '../lifetime.ts';
import { cloneName } from '../names.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { dropMade } from '../postgres/databases/drop.ts';
import { type Fingerprint, fingerprint } from '../postgres/databases/fingerprint.ts';
import { ensureTemplate, type Template, type TemplateSpec } from '../postgres/databases/template.ts';
import type { EmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { type EmbeddedOptions, embeddedIdentity, startEmbedded } from '../postgres/embedded/start.ts';
import { useExisting } from '../postgres/existing/existing.ts';
import { reservePort } from '../process/ports.ts';
import { captureVersion, installCapture } from '../rewind/install.ts';
import { chosenBinaries } from './chosen-binaries.ts';
import { stepVariables } from './database-variables.ts';
import { explainingExtensions } from './explained-extension.ts';
import { namingLeftOpen } from './left-open.ts';
import { DatabaseConnections } from './proof/connected-to.ts';
import { StepProof } from './proof/step-proof.ts';
import { asStep } from './step-events.ts';
import { changedMeanwhile, noteTemplates, recordedTemplates, whyBuilt } from './template-record.ts';

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
  /** By variant, in the order of its databases. */
  readonly templates: ReadonlyMap<string, readonly Template[]>;
}

/** Starts or reaches Postgres and makes every variant's template exist. */
export async function preparePostgres(options: PostgresOptions): Promise<Prepared> {
  const { config, events } = options;
  const [first] = config.variants.values();
  const url = first?.database.url;
  if (url === undefined) return prepareEmbedded(options);
  const postgres = await useServer(options, url);
  await emitSwept(() => sweepServer(postgres), events);
  const fingerprints = await fingerprintsOf(config, withCapture(postgres.identity));
  return { postgres, templates: await makeTemplates(options, postgres, fingerprints) };
}

/** Leases an existing server. */
export async function useServer(options: PostgresOptions, url: string): Promise<DatabaseServer> {
  const { config, events, lifetime, run, signal, journal } = options;
  const began = performance.now();
  const connections = Math.max(...[...config.variants.values()].map(connectionsOf));
  const postgres = await asStep(events, { step: 'postgres' }, () =>
    useExisting({ url, run, connections, signal, lifetime }),
  );
  // Never noted as gone: the reaper looks again after a clean end. Nothing was made before: a server that cannot be used
  // is none that it could look at.
  journal.note({ kind: 'server', url });
  emitReady(events, postgres, began);
  return postgres;
}

async function prepareEmbedded(options: PostgresOptions): Promise<Prepared> {
  const { config, signal } = options;
  const binaries = await chosenBinaries(config, signal);
  const fingerprints = await fingerprintsOf(config, withCapture(embeddedIdentity(binaries)));
  const clusterKey = clusterKeyOf(fingerprints);
  const postgres = await startOwn(options, { clusterKey, binaries });
  const templates = await makeTemplates(options, postgres, fingerprints);
  if (clusterKey !== undefined && postgres.cluster !== 'cached') await postgres.publish();
  return { postgres, templates };
}

/** Starts an embedded server. */
export async function startOwn(
  options: PostgresOptions,
  from: Pick<EmbeddedOptions, 'clusterKey' | 'kept' | 'binaries'>,
): Promise<EmbeddedServer> {
  const { run, folder, config, workers, events, lifetime, journal, signal } = options;
  const began = performance.now();
  const reserved = await reservePort();
  lifetime.defer(`release port ${reserved.port}`, () => reserved.release());
  const { root } = config;
  const slots = workers * config.variants.size;
  const copies = config.keep.when === 'never' ? 0 : config.keep.most;
  const postgres = await asStep(events, { step: 'postgres' }, () =>
    startEmbedded({
      ...{ root, run, folder, slots, copies, port: reserved.port, signal, lifetime, ...from },
      owner: { ...journal.head, folder },
      note: journal.noteData,
      noteProcess: journal.noteGroup,
    }),
  );
  emitReady(events, postgres, began);
  return postgres;
}

/** Capture is part of a template: one with another capture is another template. */
function withCapture(identity: string): string {
  return `${identity} capture ${captureVersion}`;
}

/** By database; undefined: that template is good for this run only. */
type Fingerprints = ReadonlyMap<ResolvedDatabase, Fingerprint | undefined>;

async function fingerprintsOf({ variants, root }: ResolvedStacks, identity: string): Promise<Fingerprints> {
  const found = new Map<ResolvedDatabase, Fingerprint | undefined>();
  for (const { databases } of variants.values()) {
    for (const database of databases) found.set(database, await fingerprint(database, root, identity));
  }
  return found;
}

/** A cluster is worth keeping when every template in it is. */
function clusterKeyOf(fingerprints: Fingerprints): string | undefined {
  const all = new Set([...fingerprints.values()].map((each) => each?.key));
  const keys = [...all].filter((key) => key !== undefined).sort();
  return keys.length === all.size ? keys.join('-') : undefined;
}

async function makeTemplates(
  options: PostgresOptions,
  postgres: DatabaseServer,
  fingerprints: Fingerprints,
): Promise<ReadonlyMap<string, readonly Template[]>> {
  const { config, run, events, lifetime, signal } = options;
  const all = new Map<string, readonly Template[]>();
  const connections = new DatabaseConnections(postgres, config.databases);
  const recorded = await recordedTemplates(config.root);
  const made = new Map<string, Fingerprint>();
  for (const { name: variant, databases } of config.variants.values()) {
    const templates: Template[] = [];
    for (const each of databases) {
      const found = fingerprints.get(each);
      const spec = templateSpec(
        each,
        databases,
        new StepProof(postgres, connections, each),
        found?.key ?? cloneName(`${run}_${variant}`, each.name),
        options,
        postgres,
      );
      const kind = found === undefined ? 'run' : 'template';
      const template = await ensureTemplate(postgres, { kind, ...spec }, signal);
      templates.push(template);
      const { database, built, ms } = template;
      if (found === undefined) lifetime.defer(`drop template ${database}`, () => dropTemplate(postgres, template));
      const [migrate, seed, total] = [ms.migrate, ms.seed, ms.total].map(Math.round) as [number, number, number];
      const name = `${variant} ${each.name}`;
      const why = built && found ? whyBuilt(recorded.get(name), found) : undefined;
      const meanwhile = built && found ? await changedMeanwhile(each, config.root, found) : undefined;
      if (found) made.set(name, found);
      const took = { migrate, seed, ms: total };
      const reusable = found !== undefined;
      const about = { ...(why && { why }), ...(meanwhile && { meanwhile }) };
      events.emit({ type: 'template-ready', database, built, reusable, ...about, ...took });
    }
    all.set(variant, templates);
  }
  await noteTemplates(config.root, made);
  return all;
}

/** The embedded server takes its databases with it. */
async function dropTemplate(postgres: DatabaseServer, { made }: Template): Promise<void> {
  if (postgres.kind === 'existing' && made) await dropMade(postgres, made);
}

function templateSpec(
  database: ResolvedDatabase,
  all: readonly ResolvedDatabase[],
  proof: StepProof,
  key: string,
  options: PostgresOptions,
  postgres: DatabaseServer,
): Omit<TemplateSpec, 'kind'> {
  const { run, config, signal, journal, events } = options;
  const { noteGroup } = journal;
  const { option, timeout } = database;
  const shared = postgres.kind === 'existing';
  const step = (name: string, task: Task | undefined): TemplateSpec['migrate'] =>
    task &&
    (({ url }) => {
      const context = { url, env: stepVariables(all, url) };
      const title = `${option}.${name}`;
      const how = { title, context, cwd: config.root, timeout, signal, noteGroup };
      return explainingExtensions(postgres, () =>
        namingLeftOpen(task, title, postgres.port, () =>
          asStep(events, { step: title }, (onOutput) => proof.run(task, { ...how, onOutput })),
        ),
      );
    });
  return {
    key,
    run,
    extensions: database.extensions,
    option,
    role: database.role,
    migrate: step('migrate', database.migrate),
    seed: step('seed', database.seed),
    finish: async (client) => {
      await proof.check();
      await installCapture(client, { shared });
    },
  };
}

function connectionsOf({ databases }: ResolvedVariant): number {
  return databases.reduce((sum, { connections }) => sum + connections, 0);
}

function emitReady(events: Events, postgres: DatabaseServer, began: number): void {
  const { kind, version, port, cluster, folder } = postgres;
  const ms = Math.round(performance.now() - began);
  events.emit({ type: 'postgres-ready', kind, version, port, cluster, folder, ms });
}
