// The generations of one stack's servers: one is the slot's, the next ones boot while a test runs. Whatever goes wrong with a
// spare, the test waits for a boot, as without.
import { messageOf } from '../../errors.ts';
import { memoryOf } from '../../process/memory.ts';
import type { OutputTail } from '../../process/output.ts';
import type { StackPlan } from '../pool/plan.ts';
import type { RunContext } from '../run-context.ts';
import { Generation, type SpecsOf, type StartedServer } from './generation.ts';
import { generationsKey } from './generation-plan.ts';
import { SlotPorts } from './slot-ports.ts';
import { Spares } from './spares.ts';
import { wantedSpares } from './wanted-spares.ts';
import { whyNoSpares } from './why-none.ts';

/** Milliseconds that requests under way get to be answered. */
const DRAIN_TIMEOUT_MS = 1_000;
/** Generations that were the slot's, and whose processes are still ending. */
const MOST_ENDING = 4;
/** Milliseconds that a spare gets to become ready, and how many boots: one that hangs is to cost no whole `server.timeout`. */
const LEAST_PATIENCE_MS = 10_000;
const PATIENCE = 3;

interface NextOptions {
  readonly onOutput?: OutputTail['push'] | undefined;
  /** @default the run's */
  readonly signal?: AbortSignal;
}

export class Generations {
  /** The servers that are started together. */
  readonly names: readonly string[];
  readonly #plan: StackPlan;
  readonly #context: RunContext;
  readonly #spares: Spares;
  #specsOf: SpecsOf = () => [];
  #booted = 0;
  /** Bytes that a generation has. */
  #size: number | undefined;
  #current: Generation | undefined;
  #isLeased = false;
  readonly #ports: SlotPorts;
  /** The relay is gone, and the ports with it. */
  #isLost = false;
  readonly #ending = new Set<Promise<void>>();
  /** What could not be ended. */
  readonly #failures: unknown[] = [];

  /** @param spares undefined: as measured */
  private constructor(plan: StackPlan, context: RunContext, names: readonly string[], spares: number | undefined) {
    this.#plan = plan;
    this.#context = context;
    this.names = names;
    const { relay } = context;
    this.#ports = new SlotPorts(
      relay,
      names.map((name) => plan.ports[name] ?? 0),
    );
    this.#spares = new Spares({
      wanted: (measured) => spares ?? wantedSpares(measured, () => relay.machine(this.#measuredSize())),
      servers: names.length,
      takeTurn: (signal) => relay.boots.take(AbortSignal.any([signal, context.signal])),
      boot: (onWaiting) => this.#boot('held', { onWaiting }),
      // At the end of the run none that is aborted says anything of the others.
      onGivenUp: (why) => context.signal.aborted || relay.report(plan.info, names, why),
      onError: (error) => this.#failures.push(error),
    });
    relay.onLost((why) => this.#lost(why));
  }

  /** Undefined: none of the stack's servers has spares, or can have any; where they were asked for, that is reported. */
  static of(plan: StackPlan, context: RunContext): Generations | undefined {
    const servers = plan.variant.servers.filter(({ command, restart }) => command !== undefined && restart !== 'never');
    const asked = servers.flatMap(({ spares }) => spares ?? []);
    const spares = asked.length > 0 ? Math.max(...asked) : undefined;
    const areTogether = new Set(servers.map(({ restart }) => restart)).size === 1;
    if (spares === 0 || !areTogether) return undefined;
    const names = servers.map(({ name }) => name);
    const why = whyNoSpares(plan, names);
    if (why === undefined) return new Generations(plan, context, names, spares);
    if (spares !== undefined) context.relay.report(plan.info, names, why);
    return undefined;
  }

  /** Whether the servers can be started behind the relay: else they are started without. */
  async canServe(): Promise<boolean> {
    if (this.#isLost) return false;
    await this.#ports.take().catch((error) => this.#lost(messageOf(error)));
    return !this.#isLost;
  }

  /** Of the one that is the slot's; undefined: none is. */
  get number(): number | undefined {
    return this.#current?.number;
  }

  /** What the slot's own has for a prefix. */
  get key(): string | undefined {
    return this.#current && generationsKey(this.#plan, this.names, this.#current.number);
  }

  /** A worker has the stack: there will be tests. */
  lease(): void {
    this.#isLeased = true;
    if (this.#current) this.#spares.begin();
  }

  /**
   * The servers of the next generation, on the slot's ports, when they are ready. Ask `canServe` before.
   * @returns undefined: one that was started ahead got to the databases, and has ended there: what it did is to be undone
   * before this is asked again
   */
  async next(specsOf: SpecsOf, of: NextOptions = {}): Promise<readonly StartedServer[] | undefined> {
    this.#specsOf = specsOf;
    const { onOutput, signal = this.#context.signal } = of;
    const spare = await this.#spares.take();
    if (spare) return this.#beginSpare(spare, signal);
    const began = performance.now();
    const servers = await this.#begin(await this.#boot('open', { onOutput, signal }), signal);
    this.#spares.bootTime = performance.now() - began;
    return servers;
  }

  /**
   * Nothing that the slot's servers still do reaches the databases; they end in their own time.
   * @param before what runs beside them, and ends first
   * @returns false: none of these is the slot's, and nothing was done
   */
  async retire(before: () => Promise<unknown>): Promise<boolean> {
    const old = this.#leave();
    if (!old) {
      await before();
      return false;
    }
    try {
      await this.#ports.hold(DRAIN_TIMEOUT_MS);
      await old.cut();
    } catch {
      // Sessions that go on then are those of processes that have ended: rewinds wait for these.
      await old.end(before);
      return true;
    }
    const ended = old.end(before).catch((error) => void this.#failures.push(error));
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
    // Without spares they are not to meet their successors.
    if (this.#spares.areNone) await ended;
    else if (this.#ending.size > MOST_ENDING) await Promise.race(this.#ending);
    return true;
  }

  /** The slot's servers end. */
  async stop(): Promise<void> {
    const old = this.#leave();
    await this.#ports.hold(0).catch(() => {}); // the relay is gone, and its connections with it
    await old?.end();
  }

  /** Those that were started ahead end. */
  async endSpares(): Promise<void> {
    this.#isLeased = false;
    await this.#spares.end();
  }

  /** Ends all that there is. Throws what could not be ended. */
  async close(): Promise<void> {
    await this.endSpares();
    await this.stop();
    await Promise.all(this.#ending);
    await this.#ports.close();
    const [first, ...others] = this.#failures.splice(0);
    if (others.length > 0) throw new AggregateError([first, ...others], [first, ...others].map(messageOf).join('; '));
    if (first) throw first;
  }

  async #beginSpare(spare: Generation, signal: AbortSignal): Promise<readonly StartedServer[] | undefined> {
    const patience = Math.max(LEAST_PATIENCE_MS, PATIENCE * this.#spares.bootTime);
    try {
      const servers = await this.#begin(spare, AbortSignal.any([signal, AbortSignal.timeout(patience)]));
      this.#spares.worked();
      return servers;
    } catch (error) {
      signal.throwIfAborted();
      this.#spares.failed(messageOf(error));
      return undefined;
    }
  }

  async #begin(generation: Generation, signal: AbortSignal): Promise<readonly StartedServer[]> {
    // At once: others may ask it while they boot.
    const started = await generation.ready(signal, ({ name, port }) =>
      this.#ports.lead(this.#plan.ports[name] ?? 0, port),
    );
    generation.begin();
    this.#current = generation;
    if (this.#isLeased) this.#spares.begin();
    return started;
  }

  #leave(): Generation | undefined {
    const old = this.#current;
    this.#current = undefined;
    if (old) this.#spares.over();
    return old;
  }

  /** What they are reached by is gone: they end, as if they had done so by themselves. */
  #lost(why: string): void {
    if (this.#isLost || this.#context.signal.aborted) return;
    this.#isLost = true;
    this.#spares.giveUp(why);
    this.#current?.kill();
  }

  #boot(gate: 'held' | 'open', { signal = this.#context.signal, ...on }: NextOptions & { onWaiting?: () => void }) {
    const { postgres, relay, journal } = this.#context;
    this.#booted += 1;
    const databases = this.#plan.info.databases.map(({ database }) => database);
    const target = { host: postgres.host, port: postgres.port };
    const { names } = this;
    const options = { names, relay, signal, target, databases, specsOf: this.#specsOf, noteGroup: journal.noteGroup };
    return Generation.boot({ ...options, number: this.#booted, ...on }, gate);
  }

  /** Looked at once: it takes milliseconds. */
  #measuredSize(): number {
    const groups = this.#current?.servers.map(({ pid }) => pid) ?? [];
    this.#size ??= [...memoryOf(groups).values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#size;
  }
}
