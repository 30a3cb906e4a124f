// A run from beginning to end: Postgres, templates, build, the pool and its leases, slot 0 as the canary.
import { setMaxListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunView } from '../board/run-view.ts';
import { startReaper } from '../cleanup/reaper.ts';
import { emitSwept, isSweepDue, sweep } from '../cleanup/sweep.ts';
import type { ResolvedStacks } from '../config/resolved.ts';
import { BASE_URL_VARIABLE, RUN_KEY_VARIABLE, withoutForeign } from '../environment.ts';
import { messageOf, plainError, StacksError, withTeardown } from '../errors.ts';
import type { Events } from '../events.ts';
import { RUN_FILE, RUN_FILE_VARIABLE, type StackInfo, unleasedMark, writeRunFile } from '../lease/run-file.ts';
import { LeaseServer } from '../lease/server.ts';
import { Lifetime } from '../lifetime.ts';
import { DEFAULT_VARIANT, newRunKey } from '../names.ts';
import { AGREED } from '../postgres/existing/refuse-unfit.ts';
import { loadExeca } from '../process/process-group.ts';
import { STATE_SOCKET, serveState } from '../state/state-server.ts';
import type { StateStore } from '../state/state-store.ts';
import { within } from '../wait.ts';
import { withoutRepository } from '../workspace/git.ts';
import { build } from './build.ts';
import { orDiskFull } from './disk-full.ts';
import { emitFound } from './emit-found.ts';
import { RunRelay } from './generations/run-relay.ts';
import { Keeper } from './kept/keeper.ts';
import { prepareKept } from './kept/prepare-kept.ts';
import { isEmbedded, leaseTimeout } from './lease-timeout.ts';
import { emitLeftOpen } from './left-open.ts';
import { LiveLook } from './look/live-look.ts';
import { BootTurns } from './pool/boot-turns.ts';
import { Pool } from './pool/pool.ts';
import { POSTGRES_GONE } from './pool/run-health.ts';
import { ServerTools } from './pool/server-tools.ts';
import { preparePostgres } from './prepare-postgres.ts';
import { DatabaseConnections } from './proof/connected-to.ts';
import { DevelopmentWatch, developmentPorts } from './proof/development-watch.ts';
import { recordedQuiet } from './quiet-record.ts';
import { setEnvironment } from './set-environment.ts';
import { shareMachine } from './share-machine.ts';
import { watchStatements } from './watch-statements.ts';
import { findWorkspaces } from './workspace/find-workspaces.ts';
import { RunWorkspaces } from './workspace/run-workspaces.ts';

export interface RunOptions {
  readonly config: ResolvedStacks;
  /** How many slots get their names and ports up front; a further one gets them when it is first leased. */
  readonly workers: number;
  /** The folder of the servers' log files. */
  readonly logs: string;
  /** The name of what an earlier run has kept, for stacks to stand on copies of. */
  readonly kept?: string | undefined;
  /**
   * What `ready` waits for. `servers`: slot 0 is open, for a `globalSetup` of the user's, and the others open later.
   * `databases`: those of the slots that are opened ahead are there; leases wait for the servers.
   */
  readonly awaits: 'servers' | 'databases';
  /** How many slots open at once, where only databases are awaited. */
  readonly ahead: number;
  /** Milliseconds without a lease after which app servers are stopped; undefined: they run as long as the run. */
  readonly idleTimeout: number | undefined;
  readonly events: Events;
  /** For those who follow the run from outside. */
  readonly state: StateStore;
}

/** Milliseconds that the end of a run waits for workers that are still tearing down. */
const LEASES_TIMEOUT_MS = 5_000;
/** Milliseconds that it waits for a set-up still in flight to notice that it is to stop. */
const SETUP_TIMEOUT_MS = 30_000;
/** Milliseconds that what was kept may take to be moved to disk. */
const PUT_AWAY_TIMEOUT_MS = 120_000;

export class Run {
  readonly key: string = newRunKey();
  /** Settles when what is awaited is there. */
  readonly ready: Promise<void>;
  readonly #options: RunOptions;
  readonly #lifetime = new Lifetime();
  readonly #abort = new AbortController();
  readonly #began = performance.now();
  #pool: Pool | undefined;
  #view: RunView | undefined;
  #unleased: string | undefined;
  /** The set-up failed: whoever awaits `ready` gets its error, with what could not be removed. */
  #isReported = false;
  /** Those of the slots that were planned, by slot and variant. */
  stacks: readonly StackInfo[] = [];

  constructor(options: RunOptions) {
    this.#options = options;
    setMaxListeners(0, this.#abort.signal); // all that opens at once listens: as much as there are slots and servers
    this.ready = this.#begin();
    this.ready.catch(() => {}); // Whoever awaits `ready` gets it; an interrupted set-up has nobody who does.
  }

  /** Setup projects are among the projects that run now. */
  beginSetups(): void {
    this.#pool?.forgetSetups();
  }

  /** UI mode and the IDE, at another click: what broke may have been mended. */
  forgive(): void {
    this.#pool?.health.forgive();
  }

  /** Opens `slots` slots ahead of their first lease, side by side, unless they are. A failure shows at the lease. */
  openAhead(slots: number, variant: string): void {
    for (let slot = 0; slot < slots; slot += 1) this.#pool?.open(slot, variant).catch(() => {});
  }

  /** @throws where it cannot be opened: nobody has leased it, who would say so */
  async open(slot: number, variant: string): Promise<void> {
    await this.#pool?.open(slot, variant);
  }

  /** Where every server that is up is connected now, also those that were seen on their databases. */
  async lookAtServers(): Promise<void> {
    await this.#pool?.lookAtServers();
  }

  /** What broke the run after it had begun, and the tests that passed without a stack. Read before `close()`. */
  async failures(): Promise<readonly Error[]> {
    if (this.#isReported) return [];
    const mark = this.#unleased;
    const unleased = mark !== undefined && existsSync(mark) ? plainError(readFileSync(mark, 'utf8')) : undefined;
    const broken = this.#pool?.health.failure;
    const unused = broken || this.#abort.signal.aborted ? [] : ((await this.#pool?.unused()) ?? []);
    return [broken, unleased, ...unused].filter((error) => error !== undefined);
  }

  /** Ends everything of the run, whatever state it is in. Throws TEARDOWN_FAILED for what could not be removed. */
  async close(): Promise<void> {
    this.#abort.abort(new Error('the run was ended'));
    await within(SETUP_TIMEOUT_MS, 'set-up in flight', () => this.ready).catch(() => {}); // Its error went to globalSetup.
    await this.#lifetime.close().catch((error) => this.#isReported || withRemedy(error));
    this.#options.events.emit({ type: 'run-ended', ms: Math.round(performance.now() - this.#began) });
    this.#view?.end(this.#options.events);
  }

  async #begin(): Promise<void> {
    try {
      await this.#setUp();
    } catch (cause) {
      const error = orDiskFull(cause, { config: this.#options.config, run: this.key });
      this.#isReported = !this.#abort.signal.aborted;
      if (this.#isReported && this.#options.state.state.broken === undefined) {
        this.#options.events.emit({ type: 'run-broken', message: messageOf(error) });
      }
      this.#abort.abort(error); // what else is being made
      const reported = await this.#lifetime.close().then(
        () => error,
        (teardown) => withTeardown(error, teardown),
      );
      if (this.#isReported) this.#view?.end(this.#options.events);
      throw reported;
    }
  }

  async #setUp(): Promise<void> {
    const { config, workers, logs, kept, idleTimeout, events, awaits, ahead } = this.#options;
    const { signal } = this.#abort;
    const lifetime = this.#lifetime;
    const foundWorkspaces = await findWorkspaces(config);
    const foreign = withoutForeign(isEmbedded(config) ? 'embedded' : 'existing');
    // A git hook that runs the tests names the user's repository to all that they start.
    const ofHook = foundWorkspaces.size > 0 ? withoutRepository() : {};
    setEnvironment({ ...foreign, ...ofHook, [RUN_KEY_VARIABLE]: this.key }, lifetime);
    const needs = isEmbedded(config) ? 'nothing' : 'libpq';
    const of = { run: this.key, root: config.root };
    const { folder, journal, reaper } = await startReaper({ ...of, needs, lifetime, events });
    void loadExeca();
    this.#view = new RunView(config, this.#options.state);
    events.emit({ type: 'run-started', run: this.key, workers, folder, reaper });

    const stopServing = await serveState(this.#options.state, join(folder, STATE_SOCKET));
    lifetime.defer('stop serving the state', stopServing);
    await this.#view.serve(lifetime);
    lifetime.defer('listen for lost connections no more', emitLeftOpen(events));
    emitFound(config, workers, events);
    // Beside the rest, unless that makes worktrees, too, or would find what dead runs left.
    const isFirst = foundWorkspaces.size > 0 || isSweepDue();
    const swept = emitSwept(sweep, events);
    lifetime.defer('end the sweep', () => swept);
    if (isFirst) await swept;
    const setUp = { run: this.key, folder, config, workers, events, lifetime, journal, signal };
    const workspaces = await RunWorkspaces.make(foundWorkspaces, { ...setUp, run: this.key });
    const { postgres, templates } = await (kept ? prepareKept(setUp, kept) : preparePostgres(setUp));

    const connections = new DatabaseConnections(postgres, config.databases);
    const built = build({ ...setUp, postgres, templates, connections });
    built.catch(() => {}); // It is awaited below, by servers as well.
    lifetime.defer('end the build', () => built.catch(() => {}), { timeout: SETUP_TIMEOUT_MS });
    const statements = await watchStatements(postgres, config.sql, events, workers * templates.size);
    const development = new DevelopmentWatch(developmentPorts(config, postgres.port));
    lifetime.defer('look at connections to development servers no more', development.begin());
    const tools = new ServerTools({ events, journal, stacks: workers * templates.size });
    const relay = new RunRelay({ postgres, journal, events, stacks: workers * templates.size, lifetime });
    const context = {
      ...{ tools, run: this.key, config, postgres, templates, connections, logs, idleTimeout, journal, signal },
      of: kept ? ('kept' as const) : ('templates' as const),
      ...{
        development,
        relay,
        workspaces,
        isCounting: statements.counting !== undefined,
        built,
        boots: new BootTurns(),
      },
    };
    const keeper = new Keeper(context, events);
    lifetime.defer('put away what was kept', () => keeper.putAway(), { timeout: PUT_AWAY_TIMEOUT_MS });
    const hasGlobalSetup = awaits === 'servers';
    const machine = shareMachine(this.key, config, events, lifetime);
    const pool = new Pool(context, {
      events,
      keeper,
      machine,
      quiet: await recordedQuiet(config.root),
      hasGlobalSetup,
    });
    void postgres.lost.then((error) => signal.aborted || pool.health.break(error, POSTGRES_GONE));
    lifetime.defer('close the stacks', () => pool.close(), { timeout: leaseTimeout(config) });
    this.#view.watch(new LiveLook(postgres, () => pool.openStacks()), lifetime);
    const leases = new LeaseServer(pool);
    lifetime.defer('end the leases', () => leases.close(LEASES_TIMEOUT_MS));
    const socket = join(folder, 'lease.sock');
    await leases.listen(socket);
    const runFile = join(folder, RUN_FILE);
    const stacks = await pool.plan(workers);
    const slotZero = { ...stacks[0]?.env, ...(stacks[0]?.url && { [BASE_URL_VARIABLE]: stacks[0].url }) };
    const developer = Object.fromEntries(Object.keys(slotZero).map((name) => [name, process.env[name] ?? null]));
    writeRunFile({
      ...{ path: runFile, run: this.key, socket, leaseTimeout: leaseTimeout(config) },
      ...{ stacks, keep: config.keep.when, ...statements, developer },
      agreedDatabase: postgres.kind === 'existing' ? postgres.urlFor(AGREED) : undefined,
    });
    setEnvironment({ [RUN_FILE_VARIABLE]: runFile, ...slotZero }, lifetime);
    this.stacks = stacks;
    this.#unleased = unleasedMark({ path: runFile });
    this.#pool = pool;
    // Of what was kept there is one variant.
    const [canary = DEFAULT_VARIANT] = templates.keys();
    await swept;
    if (awaits === 'servers') return pool.open(0, canary);
    // Which variants the others are for only the tests say.
    const slots = Array.from({ length: templates.size > 1 ? 1 : ahead }, (_, slot) => pool.openAhead(slot, canary));
    for (const slot of slots) slot.catch(() => {}); // It breaks the run.
    // Of a server that runs share, a slot may have to wait for connections.
    await Promise.all([built, ...(postgres.kind === 'embedded' ? slots : slots.slice(0, 1))]);
  }
}

/** The reaper has tried as well. */
function withRemedy(error: unknown): never {
  if (!(error instanceof StacksError)) throw error;
  const hint = error.details.hint ?? '`npx playwright-stacks clean` tries again, as every run does when it begins.';
  throw new StacksError(error.code, error.summary, { ...error.details, hint, cause: error.cause });
}
