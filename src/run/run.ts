// A run from beginning to end: its folder and its reaper, what set-up.ts makes, and the end of all of it.
import { setMaxListeners } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { RunView } from '../board/run-view.ts';
import { startReaper } from '../cleanup/reaper.ts';
import { RUN_KEY_VARIABLE, withoutForeign } from '../environment.ts';
import { messageOf, plainError, StacksError, withTeardown } from '../errors.ts';
import type { StackInfo } from '../lease/run-file.ts';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import { within } from '../wait.ts';
import { withoutRepository } from '../workspace/git.ts';
import { orDiskFull } from './disk-full.ts';
import { isEmbedded } from './lease-timeout.ts';
import type { Pool } from './pool/pool.ts';
import type { RunOptions } from './run-options.ts';
import { setEnvironment } from './set-environment.ts';
import { setUp } from './set-up.ts';
import { findWorkspaces } from './workspace/find-workspaces.ts';

/** Milliseconds that the end of a run waits for a set-up still in flight to notice that it is to stop. */
const SETUP_TIMEOUT_MS = 30_000;

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
    const { config, workers, events, state } = this.#options;
    const lifetime = this.#lifetime;
    const workspaces = await findWorkspaces(config);
    const foreign = withoutForeign(isEmbedded(config) ? 'embedded' : 'existing');
    // A git hook that runs the tests names the user's repository to all that they start.
    const ofHook = workspaces.size > 0 ? withoutRepository() : {};
    setEnvironment({ ...foreign, ...ofHook, [RUN_KEY_VARIABLE]: this.key }, lifetime);
    const needs = isEmbedded(config) ? 'nothing' : 'libpq';
    const of = { run: this.key, root: config.root };
    const { folder, journal, reaper } = await startReaper({ ...of, needs, lifetime, events });
    const view = new RunView(config, state);
    this.#view = view;
    events.emit({ type: 'run-started', run: this.key, workers, folder, reaper });

    const { signal } = this.#abort;
    const begun = { run: this.key, folder, journal, lifetime, signal, view, workspaces };
    const made = await setUp(this.#options, begun);
    this.stacks = made.stacks;
    this.#unleased = made.unleased;
    this.#pool = made.pool;
    await made.open();
  }
}

/** The reaper has tried as well. */
function withRemedy(error: unknown): never {
  if (!(error instanceof StacksError)) throw error;
  const hint = error.details.hint ?? '`npx playwright-stacks clean` tries again, as every run does when it begins.';
  throw new StacksError(error.code, error.summary, { ...error.details, hint, cause: error.cause });
}
