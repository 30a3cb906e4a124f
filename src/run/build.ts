// `build`, on a clone of its own: pages that are rendered while building show what the template holds, and not what the
// developer's database does. Not repeated where neither its inputs nor its outputs have changed.
import { createHash } from 'node:crypto';
import type { JournalWriter } from '../cleanup/journal.ts';
import type { ResolvedBuild, ResolvedStacks, ResolvedVariant } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import { Lifetime } from '../lifetime.ts';
import { buildKey, cloneName } from '../names.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { createClone } from '../postgres/databases/clone.ts';
import { dropMade } from '../postgres/databases/drop.ts';
import { digestOfInputs } from '../postgres/databases/fingerprint.ts';
import type { Template } from '../postgres/databases/template.ts';
import { findIn, isBuilt, noteBuilt } from './build-record.ts';
import { stackVariables } from './database-variables.ts';
import { explainingExtensions } from './explained-extension.ts';
import { namingLeftOpen } from './left-open.ts';
import type { DatabaseConnections } from './proof/connected-to.ts';
import { runWatched } from './proof/watched-step.ts';
import { asStep } from './step-events.ts';

/** Where servers are built into: an address that one has from there is the same in all slots. */
const USUAL_OUTPUTS = ['.output/server', '.svelte-kit/output/server', 'build', 'dist'];

export interface BuildContext {
  readonly run: string;
  readonly config: ResolvedStacks;
  readonly postgres: DatabaseServer;
  readonly templates: ReadonlyMap<string, readonly Template[]>;
  readonly connections: DatabaseConnections;
  readonly events: Events;
  readonly journal: JournalWriter;
  readonly signal: AbortSignal;
}

/** @throws COMMAND_FAILED, or DATABASE_UNUSED when it was on another database */
export async function build(context: BuildContext): Promise<void> {
  const { config, events } = context;
  // Of what was kept there is one variant.
  const variant = [...config.variants.values()].find(({ name }) => context.templates.has(name));
  const templates = variant && context.templates.get(variant.name);
  if (!config.build || !variant || !templates) return;
  const began = performance.now();
  const key = await keyOf(config.build, config.root, variant, templates);
  const { outputs } = config.build;
  if (key !== undefined && (await isBuilt(config.root, key, outputs))) {
    events.emit({ type: 'built', ms: Math.round(performance.now() - began), reused: true });
    return;
  }
  const names = await buildOn(context, config.build, variant, templates);
  const texts = [...names, `127.0.0.1:${context.postgres.port}`, `localhost:${context.postgres.port}`];
  const tainted = findIn(config.root, outputs.length > 0 ? outputs : USUAL_OUTPUTS, texts);
  if (key !== undefined && tainted === undefined) await noteBuilt(config.root, key, outputs).catch(() => {}); // It is built again then.
  events.emit({ type: 'built', ms: Math.round(performance.now() - began), ...(tainted && { tainted }) });
}

/** Undefined: it is built in every run. */
async function keyOf(
  { task, inputs }: ResolvedBuild,
  root: string,
  { databases }: ResolvedVariant,
  templates: readonly Template[],
): Promise<string | undefined> {
  if (inputs === undefined) return undefined;
  const source = task.kind === 'command' ? task.command : String(task.run);
  const variables = databases.map(({ env, inheritedEnv }) => [env, inheritedEnv]);
  const from = [1, source, process.env.NODE_ENV, variables, templates.map(({ database }) => database)];
  const hash = createHash('sha256').update(JSON.stringify(from));
  return hash.update(await digestOfInputs(inputs, 'build.inputs', root)).digest('hex');
}

/** Returns the names of the databases that it had, which are gone then. */
async function buildOn(
  { run, config, postgres, connections, journal, signal, events }: BuildContext,
  { task }: ResolvedBuild,
  { databases }: ResolvedVariant,
  templates: readonly Template[],
): Promise<readonly string[]> {
  const lifetime = new Lifetime();
  const names = databases.map(({ name }) => cloneName(buildKey(run), name));
  try {
    for (const [index, name] of names.entries()) {
      const template = templates[index];
      if (!template) throw new Error(`no template was made for "${name}"`);
      const made = await createClone(postgres, template, { name, run, signal });
      lifetime.defer(`drop database ${name}`, () => dropMade(postgres, made), { timeout: 30_000 });
    }
    const urls = names.map((name, index) => postgres.urlFor(name, databases[index]?.role));
    const of = { url: urls[0] ?? '', env: stackVariables(databases, urls) };
    const { root: cwd, buildTimeout: timeout } = config;
    const options = { title: 'build', context: of, cwd, timeout, signal, noteGroup: journal.noteGroup };
    const build = () =>
      asStep(events, { step: 'build' }, async (onOutput) => {
        await runWatched(task, { ...options, onOutput }, connections, (database) => names.includes(database));
      });
    await explainingExtensions(postgres, () => namingLeftOpen(task, 'build', postgres.port, build));
    return names;
  } finally {
    await lifetime.close().catch(() => {}); // The run's end drops what is left, and says what it could not.
  }
}
