// A stack: what one slot owns while it is open. `openStack` is the whole of it: clone and worktree,
// prepare, servers, opening.
import { StacksError, withTeardown } from '../../errors.ts';
import type { Events, OpenTimes } from '../../events.ts';
import { Lifetime } from '../../lifetime.ts';
import { isCloneOf } from '../../names.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { databaseEnv } from '../../postgres/client/connection-string.ts';
import { createClone } from '../../postgres/databases/clone.ts';
import { dropMade } from '../../postgres/databases/drop.ts';
import type { Made } from '../../postgres/databases/registry.ts';
import { openControl } from '../../rewind/control.ts';
import { type Mark, mark } from '../../rewind/mark.ts';
import type { AppServer } from '../../server/app-server.ts';
import { orAbort } from '../../wait.ts';
import { explainingExtensions } from '../explained-extension.ts';
import type { Generations } from '../generations/generations.ts';
import { namingLeftOpen } from '../left-open.ts';
import type { StackProof } from '../proof/stack-proof.ts';
import { runWatched } from '../proof/watched-step.ts';
import type { RunContext } from '../run-context.ts';
import { asStep } from '../step-events.ts';
import type { StackPlan } from './plan.ts';
import { StackServers } from './stack-servers.ts';

/** How it opens. */
export interface Opening {
  /** Aborted at the end of the run, and when nobody would get the stack. */
  readonly signal: AbortSignal;
  /** Called when the databases are there, and prepared: no server is started yet. */
  readonly onDatabases: () => void;
  /** Called when a server ends by itself. */
  readonly onExit: (server: AppServer) => void;
}

export interface OpenStack {
  readonly servers: StackServers;
  /** Where every lease starts. */
  readonly opening: readonly Mark[];
  /** The databases' oids. */
  readonly oids: readonly string[];
  readonly ms: OpenTimes;
  /** Stops the servers and drops the clone. */
  close(): Promise<void>;
}

/** Clones the database, starts the servers on it and marks the opening. What fails leaves nothing. */
export async function openStack(
  plan: StackPlan,
  context: RunContext,
  events: Events,
  proof: StackProof,
  { signal, onDatabases, onExit }: Opening,
  generations?: Generations,
): Promise<OpenStack> {
  const lifetime = new Lifetime();
  const { slot, variant } = plan.info;
  const stack = { slot, variant };
  try {
    const clock = stopwatch();
    const [{ oids, cloned }, checkedOut] = await both(
      asStep(events, { step: 'clone', stack }, () => clone(plan, context, lifetime)).then((made) => ({
        oids: made,
        cloned: clock(),
      })),
      // Whatever runs code of the user's finds what `build` makes: `setup`, `prepare`, copies for the servers, they themselves.
      orAbort(signal, context.built).then(() => checkOut(plan, context, lifetime)),
    );
    const made = clock();
    if (context.of === 'templates') await prepare(plan, { ...context, signal }, events);
    const prepared = clock();
    onDatabases();
    const servers = new StackServers(plan, context, events, onExit, generations);
    await servers.makeCopies(lifetime);
    servers.stopWith(lifetime);
    await proof.begin();
    await startServers(servers, context, signal);
    await proof.look(servers.running);
    const [opening] = await both(context.of === 'templates' ? markOpening(plan, context) : [], takeBase(plan, context));
    servers.watch();
    const ms = {
      clone: cloned,
      worktree: checkedOut,
      prepare: plan.variant.databases.some((each) => each.prepare) ? prepared - made : 0,
      servers: { ...servers.ms },
      total: clock(),
    };
    return { servers, opening, oids, ms, close: () => lifetime.close() };
  } catch (error) {
    // The first cause is what the user needs to read; what could not be removed follows it.
    throw await lifetime.close().then(
      () => error,
      (teardown) => withTeardown(error, teardown),
    );
  }
}

/** When there are processors for them. */
async function startServers(
  servers: StackServers,
  { boots, postgres }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const endTurn = await boots.take(signal);
  try {
    await explainingExtensions(postgres, () => servers.start(signal));
  } finally {
    endTurn();
  }
}

async function clone({ variant, info }: StackPlan, context: RunContext, lifetime: Lifetime): Promise<string[]> {
  const { postgres, run, signal } = context;
  const templates = context.templates.get(variant.name) ?? [];
  const clones = info.databases.map(async ({ database }, index) => {
    const template = templates[index];
    if (!template) throw new Error(`no template was made for "${database}"`);
    signal.throwIfAborted();
    let made: Made | undefined; // while it is being made, what fails leaves nothing
    lifetime.defer(`drop database ${database}`, async () => made && drop(context, made), { timeout: 30_000 });
    made = await createClone(postgres, template, { name: database, run, signal });
    return made.oid;
  });
  // One that fails must not leave behind what another is still making.
  return (await Promise.allSettled(clones)).map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Returns the milliseconds that it took. */
async function checkOut({ info, variant }: StackPlan, context: RunContext, lifetime: Lifetime): Promise<number> {
  const { workspaces, config } = context;
  if (!info.workspace) return 0;
  const clock = stopwatch();
  await workspaces?.open(info.workspace, info.slot, variant.name, config.root, lifetime);
  return clock();
}

/** What `setup` and the servers' start have written is part of what tests start from. */
async function takeBase({ info }: StackPlan, { workspaces }: RunContext): Promise<void> {
  if (info.workspace) await workspaces?.takeBase(info.workspace);
}

/** One that fails must not leave behind what the other is still making. */
async function both<One, Other>(one: Promise<One> | One, other: Promise<Other>): Promise<[One, Other]> {
  const [first, second] = await Promise.allSettled([one, other]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value, second.value];
}

/** An embedded server takes its databases with it: at the end of the run, or if it is gone already. */
async function drop({ postgres, signal }: RunContext, made: Made): Promise<void> {
  if (postgres.kind === 'embedded' && signal.aborted) return;
  await dropMade(postgres, made).catch((error) => {
    const isGone = error instanceof StacksError && error.code === 'DATABASE_UNREACHABLE';
    if (!isGone || postgres.kind === 'existing') throw error;
  });
}

async function prepare({ variant, info }: StackPlan, context: RunContext, events: Events): Promise<void> {
  const { config, postgres, connections, journal, signal } = context;
  const { noteGroup } = journal;
  const isOwn = (name: string) => info.databases.some(({ database }) => database === name);
  // Functions of all slots run side by side in this process.
  const isOfRun = (name: string) => isCloneOf(context.run, name);
  for (const [index, { prepare: task, timeout, option }] of variant.databases.entries()) {
    const url = info.databases[index]?.url;
    if (!task || url === undefined) continue;
    const of = { url, env: index === 0 ? info.env : { ...info.env, ...databaseEnv(url) } };
    const title = `${option}.prepare`;
    const stack = { slot: info.slot, variant: info.variant };
    const options = { title, context: of, cwd: config.root, timeout, signal, noteGroup };
    const run = () =>
      asStep(events, { step: title, stack }, async (onOutput) => {
        await runWatched(task, { ...options, onOutput }, connections, task.kind === 'function' ? isOfRun : isOwn);
      });
    await explainingExtensions(postgres, () => namingLeftOpen(task, title, postgres.port, run));
  }
}

/** After the servers are ready: an application that migrates when it starts has done so, and its tables are captured. */
async function markOpening({ info }: StackPlan, { postgres }: RunContext): Promise<Mark[]> {
  return Promise.all(
    info.databases.map(({ database }) =>
      withClient(postgres.connect({ purpose: `opening of ${database}`, database }), async (client) =>
        mark(await openControl(client)),
      ),
    ),
  );
}

/** Whole milliseconds since it was made. */
function stopwatch(): () => number {
  const began = performance.now();
  return () => Math.round(performance.now() - began);
}
