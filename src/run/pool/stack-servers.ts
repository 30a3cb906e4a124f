// The app servers of one stack, in the order of the options: those before one are ready when it starts.
import type { ResolvedServer } from '../../config/resolved.ts';
import type { Events } from '../../events.ts';
import type { PrivateFolder } from '../../files/private-folder.ts';
import type { ServerNow } from '../../lease/protocol.ts';
import type { Lifetime } from '../../lifetime.ts';
import { type AppServer, startAppServer } from '../../server/app-server.ts';
import { BESIDE_TIMEOUT_MS } from '../../server/beside.ts';
import type { RunContext } from '../run-context.ts';
import { asStep } from '../step-events.ts';
import type { StackPlan } from './plan.ts';
import { ServerCopies } from './server-copies.ts';
import { serverSpec } from './server-spec.ts';

export class StackServers {
  readonly #plan: StackPlan;
  readonly #context: RunContext;
  readonly #events: Events;
  /** Called when one ends by itself. */
  readonly #onExit: (server: AppServer) => void;
  readonly #copies: ServerCopies;
  readonly #running = new Map<string, AppServer>();
  /** Ends what runs beside a server. */
  readonly #endTools = new Map<string, () => Promise<void>>();
  /** How often each was started again. */
  readonly #restarts = new Map<string, number>();
  /** The stack is open: what starts now starts again. */
  #isOpen = false;
  /** What the servers' `wait` captured, as variables. */
  readonly captured: Record<string, string> = {};
  /** Milliseconds that each took to become ready, the last time. */
  readonly ms: Record<string, number> = {};

  constructor(plan: StackPlan, context: RunContext, events: Events, onExit: (server: AppServer) => void) {
    this.#plan = plan;
    this.#context = context;
    this.#events = events;
    this.#onExit = onExit;
    const { run, signal, journal } = context;
    const note = ({ path: folder, identity }: PrivateFolder) => journal.note({ kind: 'copies', folder, identity });
    this.#copies = new ServerCopies({ run, signal, note });
  }

  /** Copies what the servers have of their own; removed by `lifetime`. */
  makeCopies(lifetime: Lifetime): Promise<void> {
    return this.#copies.make(this.#plan.variant.servers, lifetime);
  }

  /** Registers that each is to be stopped. */
  stopWith(lifetime: Lifetime): void {
    for (const { name, gracefulShutdown, beside } of this.#plan.variant.servers) {
      const timeout = gracefulShutdown.timeout + 15_000 + (beside ? 2 * BESIDE_TIMEOUT_MS : 0);
      lifetime.defer(`stop server "${name}"`, () => this.#stop(name), { timeout });
    }
  }

  get running(): readonly AppServer[] {
    return [...this.#running.values()];
  }

  get now(): readonly ServerNow[] {
    return this.running.map((server) => ({
      ...{ name: server.name, pid: server.pid, is: server.isAlive() ? 'running' : 'ended' },
      restarts: this.#restarts.get(server.name) ?? 0,
    }));
  }

  /** Starts those that do not run. */
  async start(): Promise<void> {
    for (const server of this.#plan.variant.servers) {
      const { name, command } = server;
      if (command === undefined || this.#running.get(name)?.isAlive()) continue;
      await this.#stop(name); // What a dead one started may still run.
      const began = performance.now();
      const { slot, variant } = this.#plan.info;
      const { logs, config } = this.#context;
      const spec = serverSpec(
        this.#inWorktree(server),
        command,
        this.#plan,
        logs,
        this.captured,
        config.databases,
        this.#copies.of(name),
      );
      const { signal, journal, tools } = this.#context;
      const as = { signal, noteGroup: journal.noteGroup };
      const started = this.#isOpen
        ? await startAppServer(spec, as)
        : await asStep(this.#events, { step: `server "${name}"`, stack: { slot, variant } }, (onOutput) =>
            startAppServer(spec, { ...as, onOutput }),
          );
      this.#running.set(name, started);
      Object.assign(this.captured, started.captured);
      this.ms[name] = Math.round(performance.now() - began);
      this.#endTools.set(name, await tools.begin(server, this.#plan, spec, started));
      if (this.#isOpen) this.#startedAgain(started);
    }
  }

  /** Where it runs: a folder of the checkout is one of the worktree. */
  #inWorktree(server: ResolvedServer): ResolvedServer {
    const { workspace, variant } = this.#plan.info;
    const { workspaces } = this.#context;
    return workspace && workspaces ? { ...server, cwd: workspaces.inside(workspace, variant, server.cwd) } : server;
  }

  /** The stack is open. */
  watch(): void {
    this.#isOpen = true;
    for (const server of this.running) this.#watch(server);
  }

  /** Puts back what is to be after a test or when a group begins, and starts those that were ended. */
  async restart(copies?: 'test' | 'group'): Promise<void> {
    if (copies) await this.#copies.reset(copies);
    await this.start();
  }

  /** Stops those of `names`; `restart` brings them back. */
  async end(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#stop(name)));
  }

  /** Stops all; `start` brings them back. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  #startedAgain(server: AppServer): void {
    const { slot, variant } = this.#plan.info;
    const { name, pid } = server;
    this.#restarts.set(name, (this.#restarts.get(name) ?? 0) + 1);
    this.#events.emit({ type: 'server-restarted', slot, variant, server: name, pid, ms: this.ms[name] ?? 0 });
    this.#watch(server);
  }

  #watch(server: AppServer): void {
    void server.exited.then(({ how }) => {
      if (how === 'crashed' && !this.#context.signal.aborted) this.#onExit(server);
    });
  }

  async #stop(name: string): Promise<void> {
    const server = this.#running.get(name);
    const endTools = this.#endTools.get(name);
    this.#running.delete(name);
    this.#endTools.delete(name);
    await endTools?.();
    await server?.stop();
  }
}
