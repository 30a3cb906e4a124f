// The app servers of one stack, in the order of the options: those before one are ready when it starts.
import type { ResolvedServer } from '../../config/resolved.ts';
import type { Events } from '../../events.ts';
import type { PrivateFolder } from '../../files/private-folder.ts';
import type { ServerNow } from '../../lease/protocol.ts';
import type { Lifetime } from '../../lifetime.ts';
import type { OutputTail } from '../../process/output.ts';
import { type AppServer, startAppServer } from '../../server/app-server.ts';
import type { AppServerSpec } from '../../server/app-server-spec.ts';
import { BESIDE_TIMEOUT_MS } from '../../server/beside.ts';
import type { SpecsOf, StartedServer } from '../generations/generation.ts';
import { generationPlan } from '../generations/generation-plan.ts';
import type { Generations } from '../generations/generations.ts';
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
  /** Those that have spares; undefined: none has. */
  readonly #generations: Generations | undefined;
  /** How often each was started again. */
  readonly #restarts = new Map<string, number>();
  /** The stack is open: what starts now starts again. */
  #isOpen = false;
  /** What the servers' `wait` captured, as variables. */
  readonly captured: Record<string, string> = {};
  /** Milliseconds that each took to become ready, the last time. */
  readonly ms: Record<string, number> = {};

  constructor(
    plan: StackPlan,
    context: RunContext,
    events: Events,
    onExit: (server: AppServer) => void,
    generations: Generations | undefined,
  ) {
    this.#generations = generations;
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
  async start(signal: AbortSignal = this.#context.signal): Promise<void> {
    while (!(await this.#start(signal))); // What ended, where nothing is to be undone, is started again.
  }

  /** @returns false: what was started ahead has ended on the databases */
  async #start(signal: AbortSignal): Promise<boolean> {
    for (const { name, command } of this.#plan.variant.servers) {
      if (command === undefined || this.#isUp(name)) continue;
      await this.#stop(name); // What a dead one started may still run.
      const generations = this.#generationsOf(name);
      if (!generations || !(await generations.canServe())) await this.#startOne(name, signal);
      else if (!(await this.#startNext(generations, signal))) return false;
    }
    return true;
  }

  async #startOne(name: string, signal: AbortSignal): Promise<void> {
    const spec = this.#specOf(name, this.#plan);
    const { journal } = this.#context;
    const as = { signal, noteGroup: journal.noteGroup };
    await this.#timed([name], async (onOutput) => [
      { spec, ports: this.#plan.ports, server: await startAppServer(spec, { ...as, onOutput }) },
    ]);
  }

  /** Those that have spares, together. */
  #startNext(generations: Generations, signal: AbortSignal): Promise<boolean> {
    const specsOf: SpecsOf = (...of) => {
      const plan = generationPlan(this.#plan, ...of);
      return generations.names.map((name) => this.#specOf(name, plan));
    };
    return this.#timed(generations.names, (onOutput) => generations.next(specsOf, { onOutput, signal }));
  }

  async #timed(
    names: readonly string[],
    start: (onOutput: OutputTail['push'] | undefined) => Promise<readonly StartedServer[] | undefined>,
  ): Promise<boolean> {
    const began = performance.now();
    const { slot, variant } = this.#plan.info;
    const step = names.map((name) => `server "${name}"`).join(', ');
    const started = this.#isOpen
      ? await start(undefined)
      : await asStep(this.#events, { step, stack: { slot, variant } }, start);
    for (const { server, spec, ports } of started ?? []) {
      const { name } = server;
      const plan = { ...this.#plan, ports: { ...this.#plan.ports, ...ports } };
      this.#running.set(name, server);
      Object.assign(this.captured, server.captured);
      this.ms[name] = Math.round(performance.now() - began);
      this.#endTools.set(name, await this.#context.tools.begin(this.#serverOf(name), plan, spec, server));
      if (this.#isOpen) this.#startedAgain(server);
    }
    return started !== undefined;
  }

  /** Of several that are started together: as long as each runs. */
  #isUp(name: string): boolean {
    const together = this.#generationsOf(name)?.names ?? [name];
    return together.every((each) => this.#running.get(each)?.isAlive());
  }

  #generationsOf(name: string): Generations | undefined {
    return this.#generations?.names.includes(name) ? this.#generations : undefined;
  }

  #serverOf(name: string): ResolvedServer {
    const server = this.#plan.variant.servers.find((each) => each.name === name);
    if (!server) throw new Error(`there is no server "${name}"`);
    return server;
  }

  #specOf(name: string, plan: StackPlan): AppServerSpec {
    const { logs, config } = this.#context;
    const server = this.#serverOf(name);
    const copies = this.#copies.of(name);
    const inside = this.#inWorktree(server);
    const spec = serverSpec(inside, server.command ?? '', plan, logs, this.captured, config.databases, copies);
    return { ...spec, checkout: inside.cwd === server.cwd ? undefined : server.cwd };
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

  /**
   * Puts back what is to be after a test or when a group begins, and starts those that were ended.
   * @returns false: what was started ahead has ended on the databases, where what it did is to be undone
   */
  async restart(copies?: 'test' | 'group'): Promise<boolean> {
    if (copies) await this.#copies.reset(copies);
    return this.#start(this.#context.signal);
  }

  /** From now on those of `names` do nothing more to the databases; `restart` brings them back. */
  async end(names: readonly string[]): Promise<void> {
    const generations = names.some((name) => this.#generationsOf(name)) ? this.#generations : undefined;
    const alone = names.filter((name) => !generations?.names.includes(name));
    await Promise.all([...alone.map((name) => this.#stop(name)), generations && this.#retire(generations)]);
  }

  async #retire(generations: Generations): Promise<void> {
    const tools = generations.names.map((name) => this.#endTools.get(name));
    const servers = generations.names.map((name) => this.#running.get(name));
    for (const name of generations.names) {
      this.#running.delete(name);
      this.#endTools.delete(name);
    }
    const isCut = await generations.retire(() => Promise.all(tools.map((end) => end?.())));
    // Without the relay they were started without a gate: they are to have ended.
    if (!isCut) await Promise.all(servers.map((server) => server?.stop()));
  }

  /** Stops all; `start` brings them back. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((name) => this.#stop(name)));
  }

  #startedAgain(server: AppServer): void {
    const { slot, variant } = this.#plan.info;
    const { name, pid } = server;
    const generation = this.#generationsOf(name)?.number;
    this.#restarts.set(name, (this.#restarts.get(name) ?? 0) + 1);
    this.#events.emit({
      type: 'server-restarted',
      slot,
      variant,
      server: name,
      pid,
      ms: this.ms[name] ?? 0,
      generation,
    });
    this.#watch(server);
  }

  #watch(server: AppServer): void {
    void server.exited.then(({ how }) => {
      const isOfSlot = this.#running.get(server.name) === server; // and not one that was
      if (how === 'crashed' && isOfSlot && !this.#context.signal.aborted) this.#onExit(server);
    });
  }

  async #stop(name: string): Promise<void> {
    const names = this.#generationsOf(name)?.names ?? [name];
    const all = names.map((each) => ({ server: this.#running.get(each), endTools: this.#endTools.get(each) }));
    for (const each of names) {
      this.#running.delete(each);
      this.#endTools.delete(each);
    }
    await Promise.all(
      all.map(async ({ server, endTools }) => {
        await endTools?.();
        await server?.stop();
      }),
    );
    await this.#generationsOf(name)?.stop();
  }
}
