// The run's stacks, by slot and variant. Lives in the runner: stacks outlive workers.
import { messageOf, StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import type { Answer, Deltas, EndedTest, Marks } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { Lifetime } from '../../lifetime.ts';
import { SKIPPED, stackTitle } from '../../names.ts';
import { RewindImpossible } from '../../rewind/impossible.ts';
import type { AppServer } from '../../server/app-server.ts';
import { crashError } from '../../server/server-errors.ts';
import { orDiskFull } from '../disk-full.ts';
import type { Keeper } from '../kept/keeper.ts';
import type { RunContext } from '../run-context.ts';
import { planStack } from './plan.ts';
import { Seat, type ServersAre } from './pooled-stack.ts';
import { Preludes } from './preludes.ts';

/** What `break` is told when the server of all stacks went away. */
export const POSTGRES_GONE = 'Postgres is gone';

/** Who asks. */
interface Claim {
  readonly slot: number;
  readonly variant: string;
  readonly project: string;
}

interface Broken {
  readonly error: unknown;
  readonly what: string;
  told: boolean;
}

export class Pool {
  readonly #context: RunContext;
  readonly #events: Events;
  readonly #ports = new Lifetime();
  #seats = new Map<string, Promise<Seat>>();
  /** What broke the run, and whether a test has failed for it: only the first to meet it does, later ones are skipped. */
  #broken: Broken | undefined;
  readonly #preludes = new Preludes();
  readonly #keeper: Keeper;
  /** Settles when what the user's globalSetup wrote on slot 0 is known. */
  #adopted: Promise<void> | undefined;
  #onServerExit: (slot: number, variant: string, message: string) => void = () => {};

  constructor(context: RunContext, events: Events, keeper: Keeper) {
    this.#context = context;
    this.#events = events;
    this.#keeper = keeper;
  }

  /** Assigns names and ports of `slots` slots in every variant. Starts nothing. */
  async plan(slots: number): Promise<readonly StackInfo[]> {
    const infos: StackInfo[] = [];
    for (let slot = 0; slot < slots; slot += 1) {
      for (const variant of this.#context.templates.keys()) {
        infos.push((await this.#seat(slot, variant)).plan.info);
      }
    }
    return infos;
  }

  /** Opens a stack ahead of its first lease. */
  async open(slot: number, variant: string): Promise<void> {
    await (await this.#seat(slot, variant)).open();
  }

  /** The stack for a new lease; or why there is none. */
  take(claim: Claim): Promise<Answer> {
    return this.#answer(claim, async (seat) => {
      this.#adopted ??= this.#adoptGlobalSetup();
      await this.#adopted;
      return seat.take();
    });
  }

  /** The stack on a fresh clone. */
  fresh(claim: Claim): Promise<Answer> {
    return this.#answer(claim, (seat) => seat.fresh());
  }

  restart(claim: Claim, servers: readonly string[]): Promise<Answer> {
    return this.#answer(claim, (seat) => seat.restart(servers));
  }

  /** The stack, whose databases were set aside as a test left them: a copy of each, if that could be made. */
  async keep(claim: Claim, test: EndedTest): Promise<Answer> {
    let kept: string | undefined;
    const answer = await this.#answer(claim, async (seat) => {
      kept = await this.#keeper.keep(seat, test);
      return kept === undefined ? 'used' : 'new';
    });
    return answer.type === 'ready' ? { ...answer, kept } : answer;
  }

  /** The stack as it is, with the preludes that it lacks. */
  describe(claim: Claim): Promise<Answer> {
    return this.#answer(claim, async () => 'used');
  }

  async setBase({ slot, variant }: Claim, base: { marks: Marks; preludes: number }): Promise<void> {
    (await this.#seat(slot, variant)).setBase(base);
  }

  /** Remembers what a worker fixture wrote. */
  async addFixture({ slot, variant, project }: Claim, name: string, delta: Deltas): Promise<void> {
    (await this.#seat(slot, variant)).fixturesOf(project)[name] = delta;
  }

  turn(): Promise<() => void> {
    return this.#preludes.turn();
  }

  /** What a setup project changed, for every stack of the same template. */
  addPrelude(variant: string, delta: Deltas): void {
    this.#preludes.add(this.#templateOf(variant), { by: 'setup project', delta });
  }

  /** Setup projects run again, at another click: they begin where they began, and not on what they did. */
  forgetSetups(): void {
    if (!this.#preludes.forgetSetups()) return;
    for (const seat of this.#seats.values()) void seat.then((each) => each.backToOpening());
  }

  /** Calls `told` when a server ends by itself. */
  onServerExit(told: (slot: number, variant: string, message: string) => void): void {
    this.#onServerExit = told;
  }

  /** The worker that held it is gone. */
  async release(slot: number, variant: string): Promise<void> {
    if (this.#context.signal.aborted) return;
    await (await this.#seat(slot, variant)).release();
  }

  /** From now on there are no stacks: one could not be opened, or Postgres went away. The first cause stays. */
  break(error: unknown, what: string): Broken {
    if (this.#broken) return this.#broken;
    this.#broken = { error: orDiskFull(error, this.#context), what, told: false };
    this.#events.emit({ type: 'run-broken', message: messageOf(this.#broken.error) });
    return this.#broken;
  }

  /** The error that broke the run, for its end to throw: exit code 1, also where only skipped tests were left. */
  get failure(): StacksError | undefined {
    if (!this.#broken) return undefined;
    const { error, what } = this.#broken;
    return new StacksError('RUN_BROKEN', `${what}; the tests after it were skipped.`, {
      items: messageOf(error).split('\n'),
    });
  }

  /** Closes every stack, all at once, and gives the ports back. */
  async close(): Promise<void> {
    const seats = await Promise.allSettled(this.#seats.values());
    const lifetime = new Lifetime();
    lifetime.defer('release ports', () => this.#ports.close());
    const open = seats.flatMap((seat) => (seat.status === 'fulfilled' ? [seat.value] : []));
    const closed = await Promise.allSettled(open.map((seat) => seat.close()));
    for (const [index, result] of closed.entries()) {
      if (result.status === 'fulfilled') continue;
      lifetime.defer(`close ${open[index]?.title}`, () => Promise.reject(result.reason));
    }
    await lifetime.close();
  }

  /** UI mode and the IDE: what broke may be mended at the next click, unless Postgres is gone. */
  forgive(): void {
    if (this.#broken?.what !== POSTGRES_GONE) this.#broken = undefined;
  }

  #refuse(broken: Broken): Answer {
    if (broken.told)
      return { type: 'skip', reason: `${SKIPPED}${broken.what}: ${messageOf(broken.error).split('\n')[0]}` };
    broken.told = true;
    return { type: 'failed', message: messageOf(broken.error) };
  }

  async #answer({ slot, variant, project }: Claim, step: (seat: Seat) => Promise<ServersAre>): Promise<Answer> {
    try {
      if (this.#broken) return this.#refuse(this.#broken);
      const seat = await this.#seat(slot, variant);
      const servers = await step(seat);
      const rewindable = seat.rewindable(this.#preludes.of(this.#templateOf(variant)));
      return { type: 'ready', stack: seat.info, servers, rewindable, fixtures: seat.fixturesOf(project) };
    } catch (error) {
      // The run ends while the stack opens: that is nobody's failure.
      if (this.#context.signal.aborted) return { type: 'skip', reason: `${SKIPPED}the run was ended` };
      return this.#refuse(this.break(error, `${stackTitle(slot, variant)} could not be opened`));
    }
  }

  /** The user's globalSetup ran on slot 0, for all tests: what it wrote is a prelude. */
  async #adoptGlobalSetup(): Promise<void> {
    for (const variant of this.#context.config.variants.keys()) {
      const seat = await this.#seat(0, variant);
      const delta = await seat.writtenBefore().catch((cause) => {
        throw cause instanceof RewindImpossible ? schemaChanged(cause) : cause;
      });
      if (delta) this.#preludes.add(this.#templateOf(variant), { by: 'globalSetup', delta });
    }
  }

  #templateOf(variant: string): string {
    return (this.#context.templates.get(variant) ?? []).map(({ database }) => database).join();
  }

  #seat(slot: number, variant: string): Promise<Seat> {
    const key = `${slot} ${variant}`;
    const known = this.#seats.get(key);
    if (known) return known;
    const seat = this.#newSeat(slot, variant);
    this.#seats.set(key, seat);
    return seat;
  }

  async #newSeat(slot: number, variant: string): Promise<Seat> {
    const { run, config, postgres } = this.#context;
    const resolved = config.variants.get(variant);
    if (!resolved) throw new StacksError('OPTIONS_INVALID', `there is no variant '${variant}'.`);
    const plan = await planStack(run, slot, resolved, postgres, this.#ports);
    const told = (server: AppServer) => {
      const title = `server "${server.name}" of ${stackTitle(slot, variant)}`;
      void crashError(server, title).then(({ message }) => this.#onServerExit(slot, variant, message));
    };
    return new Seat(plan, this.#context, this.#events, told);
  }
}

function schemaChanged(cause: RewindImpossible): StacksError {
  return new StacksError(
    'REWIND_IMPOSSIBLE',
    `globalSetup did on slot 0 what no other slot can be given: ${cause.why}.`,
    {
      hint: 'move it into `database.migrate`, which runs once for all slots.',
      cause,
    },
  );
}
