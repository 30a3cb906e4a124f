// A stack: what one slot owns while it is open. `openStack` is the whole of it: clone, prepare, servers.
import type { ResolvedServer, ResolvedStacks, StackContext } from '../config/resolved.ts';
import { messageOf, StacksError, withTeardown } from '../errors.ts';
import type { OpenTimes } from '../events.ts';
import { Lifetime } from '../lifetime.ts';
import { DEFAULT_VARIANT, stackTitle } from '../names.ts';
import { createClone } from '../postgres/clone.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { dropDatabase } from '../postgres/drop.ts';
import type { Template } from '../postgres/template.ts';
import { type AppServer, startAppServer } from '../server/app-server.ts';
import { fillPlaceholders } from '../server/placeholders.ts';
import { runTask } from '../server/run-command.ts';
import type { JournalWriter } from './journal.ts';
import { probeUrl, type StackPlan } from './plan.ts';

/** What all stacks of a run share. */
export interface RunContext {
  readonly run: string;
  readonly config: ResolvedStacks;
  readonly postgres: DatabaseServer;
  /** By variant. */
  readonly templates: ReadonlyMap<string, Template>;
  /** The folder of the servers' log files. */
  readonly logs: string;
  readonly journal: JournalWriter;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}

export interface OpenStack {
  readonly servers: readonly AppServer[];
  /** What the servers' `wait` captured, as variables. */
  readonly captured: Readonly<Record<string, string>>;
  readonly ms: OpenTimes;
  /** Stops the servers and drops the clone. */
  close(): Promise<void>;
}

/** Clones the database and starts the servers on it. What fails leaves nothing. */
export async function openStack(plan: StackPlan, context: RunContext): Promise<OpenStack> {
  const lifetime = new Lifetime();
  try {
    const clock = stopwatch();
    await clone(plan, context, lifetime);
    const cloned = clock();
    await prepare(plan, context);
    const prepared = clock();
    const { servers, captured, ms } = await serve(plan, context, lifetime);
    const times = {
      clone: cloned,
      prepare: plan.variant.database.prepare ? prepared - cloned : 0,
      servers: ms,
      total: clock(),
    };
    return { servers, captured, ms: times, close: () => lifetime.close() };
  } catch (error) {
    // The first cause is what the user needs to read; what could not be removed is told below it.
    throw await lifetime.close().then(
      () => error,
      (teardown) => withTeardown(error, teardown),
    );
  }
}

async function clone({ variant, info }: StackPlan, context: RunContext, lifetime: Lifetime): Promise<void> {
  const template = context.templates.get(variant.name);
  if (!template) throw new Error(`no template was made for variant '${variant.name}'`);
  context.signal.throwIfAborted();
  lifetime.defer(`drop database ${info.database}`, () => drop(context.postgres, info.database), {
    timeout: 30_000,
  });
  await createClone(context.postgres, template, { name: info.database, run: context.run, signal: context.signal });
}

/** An embedded server that is gone took its databases with it. */
async function drop(postgres: DatabaseServer, database: string): Promise<void> {
  await dropDatabase(postgres, database).catch((error) => {
    const isGone = error instanceof StacksError && error.code === 'DATABASE_UNREACHABLE';
    if (!isGone || postgres.kind === 'existing') throw error;
  });
}

async function prepare({ variant, info }: StackPlan, { config, journal, signal }: RunContext): Promise<void> {
  const { prepare: task, timeout } = variant.database;
  if (!task) return;
  const context = { url: info.databaseUrl, env: info.env };
  const { noteGroup } = journal;
  await runTask(task, { title: 'database.prepare', context, cwd: config.root, timeout, signal, noteGroup });
}

async function serve(
  plan: StackPlan,
  context: RunContext,
  lifetime: Lifetime,
): Promise<{ servers: AppServer[]; captured: Record<string, string>; ms: Record<string, number> }> {
  const servers: AppServer[] = [];
  const ms: Record<string, number> = {};
  const captured: Record<string, string> = {};
  for (const server of plan.variant.servers) {
    if (server.command === undefined) continue;
    const clock = stopwatch();
    const { signal, journal } = context;
    const spec = serverSpec(server, server.command, plan, context, captured);
    const started = await startAppServer(spec, { signal, noteGroup: journal.noteGroup });
    lifetime.defer(`stop server "${server.name}"`, () => started.stop(), {
      timeout: server.gracefulShutdown.timeout + 15_000,
    });
    servers.push(started);
    Object.assign(captured, started.captured);
    ms[server.name] = clock();
  }
  return { servers, captured, ms };
}

function serverSpec(
  server: ResolvedServer,
  command: string,
  { info, ports }: StackPlan,
  { logs }: RunContext,
  captured: Readonly<Record<string, string>>,
): Parameters<typeof startAppServer>[0] {
  const port = ports[server.name] ?? 0;
  const fill = (text: string, option: string) =>
    fillPlaceholders(text, `server '${server.name}' ${option}`, { port, ports });
  const own = ownVariables(
    server,
    { slot: info.slot, key: info.key, port, ports, databaseUrl: info.databaseUrl },
    fill,
  );
  const { name, cwd, timeout, ignoreHTTPSErrors, stdout, stderr, gracefulShutdown, wait } = server;
  return {
    name,
    title: stackTitle(info.slot, info.variant),
    label: info.variant === DEFAULT_VARIANT ? `${name} ${info.slot}` : `${name} ${info.slot} ${info.variant}`,
    command: fill(command, 'command'),
    cwd,
    env: {
      ...info.env,
      PORT: String(port),
      STACK_SLOT: String(info.slot),
      STACK_KEY: info.key,
      ...captured,
      ...own,
    },
    port,
    readyBy: server.readyBy,
    url: probeUrl(server, ports),
    timeout,
    ignoreHTTPSErrors,
    stdout,
    stderr,
    gracefulShutdown,
    wait,
    logFile: `${logs}/${stackTitle(info.slot, info.variant)
      .replace(/[ ()]+/g, '-')
      .replace(/-$/, '')}-${name}.log`,
  };
}

function ownVariables(
  { name, env }: ResolvedServer,
  stack: StackContext,
  fill: (text: string, option: string) => string,
): Readonly<Record<string, string>> {
  const fail = (what: string, cause?: unknown) =>
    new StacksError('OPTIONS_INVALID', `\`env\` of server '${name}' ${what}.`, {
      hint: 'let the function return an object of strings, at once.',
      cause,
    });
  if (typeof env !== 'function') {
    return Object.fromEntries(Object.entries(env).map(([variable, text]) => [variable, fill(text, `env.${variable}`)]));
  }
  let own: unknown;
  try {
    own = env(stack);
  } catch (error) {
    throw fail(`threw: ${messageOf(error)}`, error);
  }
  if (own instanceof Promise) throw fail('returned a promise');
  const wrong = Object.entries(own ?? {}).find(([, value]) => typeof value !== 'string');
  if (wrong) throw fail(`gave ${wrong[0]} a value that is no string`);
  return { ...(own as Record<string, string>) };
}

/** Whole milliseconds since it was made. */
function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.round(performance.now() - began);
}
