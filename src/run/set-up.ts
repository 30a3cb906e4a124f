// What a run makes before its tests can begin: Postgres with its templates, the build, the pool, and the file by which workers
// find it. Its folder and its reaper are there.
import { join } from 'node:path';
import type { RunView } from '../board/run-view.ts';
import type { JournalWriter } from '../cleanup/journal.ts';
import { emitSwept, isSweepDue, sweep } from '../cleanup/sweep.ts';
import { BASE_URL_VARIABLE } from '../environment.ts';
import {
  RUN_FILE,
  RUN_FILE_VARIABLE,
  type RunFile,
  type StackInfo,
  unleasedMark,
  writeRunFile,
} from '../lease/run-file.ts';
import { LeaseServer } from '../lease/server.ts';
import type { Lifetime } from '../lifetime.ts';
import { DEFAULT_VARIANT } from '../names.ts';
import { AGREED } from '../postgres/existing/refuse-unfit.ts';
import { STATE_SOCKET, serveState } from '../state/state-server.ts';
import { BootTurns } from './boot-turns.ts';
import { build } from './build.ts';
import { emitFound } from './emit-found.ts';
import { RunRelay } from './generations/run-relay.ts';
import { Keeper } from './kept/keeper.ts';
import { prepareKept } from './kept/prepare-kept.ts';
import { leaseTimeout } from './lease-timeout.ts';
import { emitLeftOpen } from './left-open.ts';
import { LiveLook } from './look/live-look.ts';
import { Pool } from './pool/pool.ts';
import { POSTGRES_GONE } from './pool/run-health.ts';
import { ServerTools } from './pool/server-tools.ts';
import { preparePostgres } from './prepare-postgres.ts';
import { DatabaseConnections } from './proof/connected-to.ts';
import { DevelopmentWatch, developmentPorts } from './proof/development-watch.ts';
import { recordedQuiet } from './quiet-record.ts';
import type { RunContext } from './run-context.ts';
import type { RunOptions } from './run-options.ts';
import { setEnvironment } from './set-environment.ts';
import { shareMachine } from './share-machine.ts';
import { watchStatements } from './watch-statements.ts';
import type { findWorkspaces } from './workspace/find-workspaces.ts';
import { RunWorkspaces } from './workspace/run-workspaces.ts';

/** Milliseconds that the end of a run waits for workers that are still tearing down. */
const LEASES_TIMEOUT_MS = 5_000;
/** Milliseconds that it waits for a build to notice that it is to stop. */
const BUILD_TIMEOUT_MS = 30_000;
/** Milliseconds that what was kept may take to be moved to disk. */
const PUT_AWAY_TIMEOUT_MS = 120_000;

export interface Begun {
  readonly run: string;
  /** The run's private one. */
  readonly folder: string;
  readonly journal: JournalWriter;
  /** Ends what is made. */
  readonly lifetime: Lifetime;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
  readonly view: RunView;
  readonly workspaces: Awaited<ReturnType<typeof findWorkspaces>>;
}

export interface Made {
  readonly pool: Pool;
  /** Those of the slots that are planned. */
  readonly stacks: readonly StackInfo[];
  /** The file that says of tests that passed without a stack. */
  readonly unleased: string;
  /** Opens what is awaited before the tests. */
  open(): Promise<void>;
}

export async function setUp(options: RunOptions, begun: Begun): Promise<Made> {
  const { config, workers, events, state } = options;
  const { folder, lifetime, view } = begun;
  const stopServing = await serveState(state, join(folder, STATE_SOCKET));
  lifetime.defer('stop serving the state', stopServing);
  await view.serve(lifetime);
  lifetime.defer('listen for lost connections no more', emitLeftOpen(events));
  emitFound(config, workers, events);
  // Beside the rest, unless that makes worktrees, too, or would find what dead runs left.
  const isFirst = begun.workspaces.size > 0 || isSweepDue();
  const swept = emitSwept(sweep, events);
  lifetime.defer('end the sweep', () => swept);
  if (isFirst) await swept;
  const prepared = await prepare(options, begun);
  const { postgres, templates, built } = prepared.context;
  const pool = await poolOf(options, begun, prepared.context);
  const { stacks, path } = await announce(options, begun, pool, prepared);
  const open = async () => {
    // Of what was kept there is one variant.
    const [canary = DEFAULT_VARIANT] = templates.keys();
    await swept;
    if (options.awaits === 'servers') return pool.open(0, canary);
    // Which variants the others are for only the tests say.
    const ahead = templates.size > 1 ? 1 : options.ahead;
    const slots = Array.from({ length: ahead }, (_, slot) => pool.openAhead(slot, canary));
    for (const slot of slots) slot.catch(() => {}); // It breaks the run.
    // Of a server that runs share, a slot may have to wait for connections.
    await Promise.all([built, ...(postgres.kind === 'embedded' ? slots : slots.slice(0, 1))]);
  };
  return { pool, stacks, unleased: unleasedMark({ path }), open };
}

interface Prepared {
  readonly context: RunContext;
  readonly statements: Pick<RunFile, 'statements' | 'counting'>;
}

/** Postgres, the templates, and what all stacks share; the build has begun. */
async function prepare(options: RunOptions, begun: Begun): Promise<Prepared> {
  const { config, workers, logs, kept, idleTimeout, events } = options;
  const { run, folder, lifetime, journal, signal } = begun;
  const of = { run, folder, config, workers, events, lifetime, journal, signal };
  const workspaces = await RunWorkspaces.make(begun.workspaces, of);
  const { postgres, templates } = await (kept ? prepareKept(of, kept) : preparePostgres(of));
  const connections = new DatabaseConnections(postgres, config.databases);
  const built = build({ ...of, postgres, templates, connections });
  built.catch(() => {}); // Whoever needs it awaits it: servers, and the run before its tests.
  lifetime.defer('end the build', () => built.catch(() => {}), { timeout: BUILD_TIMEOUT_MS });
  const stacks = workers * templates.size;
  const statements = await watchStatements(postgres, config.sql, events, stacks);
  const development = new DevelopmentWatch(developmentPorts(config, postgres.port));
  lifetime.defer('look at connections to development servers no more', development.begin());
  const context: RunContext = {
    ...{ run, config, postgres, templates, connections, logs, idleTimeout, journal, signal },
    ...{ development, workspaces, built },
    of: kept ? 'kept' : 'templates',
    isCounting: statements.counting !== undefined,
    tools: new ServerTools({ events, journal, stacks }),
    relay: new RunRelay({ postgres, journal, events, stacks, lifetime }),
    boots: new BootTurns(),
  };
  return { context, statements };
}

async function poolOf({ config, events, awaits }: RunOptions, begun: Begun, context: RunContext): Promise<Pool> {
  const { run, lifetime, signal, view } = begun;
  const { postgres } = context;
  const keeper = new Keeper(context, events);
  lifetime.defer('put away what was kept', () => keeper.putAway(), { timeout: PUT_AWAY_TIMEOUT_MS });
  const machine = shareMachine(run, config, events, lifetime);
  const quiet = await recordedQuiet(config.root);
  const pool = new Pool(context, { events, keeper, machine, quiet, hasGlobalSetup: awaits === 'servers' });
  void postgres.lost.then((error) => signal.aborted || pool.health.break(error, POSTGRES_GONE));
  lifetime.defer('close the stacks', () => pool.close(), { timeout: leaseTimeout(config) });
  view.watch(new LiveLook(postgres, () => pool.openStacks()), lifetime);
  return pool;
}

/** Workers find the run, and this process has the variables of slot 0, from now on. */
async function announce({ config, workers }: RunOptions, begun: Begun, pool: Pool, { context, statements }: Prepared) {
  const { run, folder, lifetime } = begun;
  const { postgres } = context;
  const leases = new LeaseServer(pool);
  lifetime.defer('end the leases', () => leases.close(LEASES_TIMEOUT_MS));
  const socket = join(folder, 'lease.sock');
  await leases.listen(socket);
  const path = join(folder, RUN_FILE);
  const stacks = await pool.plan(workers);
  const slotZero = { ...stacks[0]?.env, ...(stacks[0]?.url && { [BASE_URL_VARIABLE]: stacks[0].url }) };
  const developer = Object.fromEntries(Object.keys(slotZero).map((name) => [name, process.env[name] ?? null]));
  writeRunFile({
    ...{ path, run, socket, stacks, developer, ...statements },
    leaseTimeout: leaseTimeout(config),
    keep: config.keep.when,
    agreedDatabase: postgres.kind === 'existing' ? postgres.urlFor(AGREED) : undefined,
  });
  setEnvironment({ [RUN_FILE_VARIABLE]: path, ...slotZero }, lifetime);
  return { stacks, path };
}
