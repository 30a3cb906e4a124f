// The run's stacks, by slot and variant. Lives in the runner: stacks outlive workers.
import { StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import type { Response } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import type { Claim, LeasableStacks } from '../../lease/server.ts';
import { Lifetime } from '../../lifetime.ts';
import { stackTitle } from '../../names.ts';
import { RewindImpossible } from '../../rewind/impossible.ts';
import type { Keeper } from '../kept/keeper.ts';
import type { Looked } from '../look/live-look.ts';
import { databaseUnused } from '../proof/database-unused.ts';
import type { RecordedQuiet } from '../quiet-record.ts';
import { type RunContext, templateOf } from '../run-context.ts';
import { planStack } from './plan.ts';
import type { PoolContext } from './pool-context.ts';
import { PooledStack } from './pooled-stack.ts';
import { Preludes } from './preludes.ts';
import { QuietTimes } from './quiet-times.ts';
import { RewoundTests } from './rewound-tests.ts';
import { RunHealth } from './run-health.ts';
import type { RunMachine } from './run-machine.ts';

export interface PoolOptions {
  readonly events: Events;
  readonly keeper: Keeper;
  readonly machine: RunMachine | undefined;
  /** What earlier runs have learned, by variant. */
  readonly quiet: ReadonlyMap<string, RecordedQuiet>;
  /** Whether one of the user's may write to slot 0 before any lease. */
  readonly hasGlobalSetup: boolean;
}

export class Pool implements LeasableStacks {
  readonly health: RunHealth;
  readonly #context: RunContext;
  readonly #shared: PoolContext;
  readonly #ports = new Lifetime();
  readonly #stacks = new Map<string, Promise<PooledStack>>();
  readonly #preludes = new Preludes();
  #adopted: Promise<void> | undefined;
  /** So many slots are needed, as far as is known. */
  #wanted = 1;

  constructor(context: RunContext, { events, keeper, machine, quiet, hasGlobalSetup }: PoolOptions) {
    this.#context = context;
    this.health = new RunHealth(context, events);
    this.#shared = {
      ...{ run: context, events, keeper, machine, health: this.health, preludes: this.#preludes },
      rewound: new RewoundTests(),
      quiet: new QuietTimes(context.config.root, events, quiet),
      isWanted: (slot) => slot < this.#wanted,
      adoptGlobalSetup: async () => {
        if (hasGlobalSetup) this.#adopted ??= this.#adoptGlobalSetup();
        await this.#adopted;
      },
    };
  }

  /** Assigns names and ports of `slots` slots in every variant. Starts nothing. */
  async plan(slots: number): Promise<readonly StackInfo[]> {
    const infos: StackInfo[] = [];
    for (let slot = 0; slot < slots; slot += 1) {
      for (const variant of this.#context.templates.keys()) {
        infos.push((await this.find({ slot, variant })).plan.info);
      }
    }
    return infos;
  }

  /** The pooled stack of a slot and variant, open or not. */
  find({ slot, variant }: { readonly slot: number; readonly variant: string }): Promise<PooledStack> {
    const key = `${slot} ${variant}`;
    const known = this.#stacks.get(key);
    if (known) return known;
    const stack = this.#newStack(slot, variant);
    this.#stacks.set(key, stack);
    return stack;
  }

  refuse(error: unknown, { slot, variant }: Claim): Response {
    const title = stackTitle(slot, variant);
    return this.health.refuse(error, `${title} could not be opened`, title);
  }

  /** Opens a stack ahead of its first lease, and those of the slots below are needed, too. */
  async open(slot: number, variant: string): Promise<void> {
    this.#wanted = Math.max(this.#wanted, slot + 1);
    await (await this.find({ slot, variant })).open();
  }

  /** As `open`, on a guess, and resolves when the stack's databases are there: that its servers cannot start, the leases say. */
  async openAhead(slot: number, variant: string): Promise<void> {
    const { stack } = await this.find({ slot, variant });
    await new Promise<void>((resolve, reject) => stack.open(resolve).then(resolve, reject));
  }

  /** Setup projects run again, at another click: they begin where they began, and not on what they did. */
  forgetSetups(): void {
    if (!this.#preludes.forgetSetups()) return;
    for (const pooled of this.#stacks.values()) void pooled.then(({ stack }) => stack.backToOpening());
  }

  /** @throws DATABASE_UNUSED where one is on another Postgres, and not on its stack's */
  async lookAtServers(): Promise<void> {
    for (const pooled of this.#stacks.values()) await (await pooled).stack.lookAtServers();
  }

  /** Those that are open now, with the servers that run. */
  async openStacks(): Promise<readonly Looked[]> {
    const planned = await Promise.allSettled(this.#stacks.values());
    return planned.flatMap((stack) => {
      const servers = stack.status === 'fulfilled' ? stack.value.stack.servers : undefined;
      if (stack.status === 'rejected' || !servers) return [];
      const { slot, variant, databases } = stack.value.plan.info;
      return [{ slot, variant, databases: databases.map(({ database }) => database), servers }];
    });
  }

  /** At the end of the tests: the variants whose databases nobody has used. */
  async unused(): Promise<readonly Error[]> {
    const planned = await Promise.allSettled(this.#stacks.values());
    const stacks = planned.flatMap((stack) => (stack.status === 'fulfilled' ? [stack.value] : []));
    const found: Error[] = [];
    for (const variant of this.#context.config.variants.values()) {
      const own = stacks.filter(({ plan }) => plan.variant === variant);
      const used = await Promise.all(own.map(({ stack }) => stack.proof.used().catch(() => 'unknown' as const)));
      if (!variant.isDatabaseMeant || used.includes('some')) continue;
      if (used.includes('none')) found.push(databaseUnused(variant, own[0]?.plan.info));
      else if (used.includes('unknown')) this.#shared.events.emit({ type: 'not-provable', variant: variant.name });
    }
    return found;
  }

  /** Closes every stack, all at once, and gives the ports back. */
  async close(): Promise<void> {
    const stacks = await Promise.allSettled(this.#stacks.values());
    const lifetime = new Lifetime();
    lifetime.defer('release ports', () => this.#ports.close());
    const open = stacks.flatMap((stack) => (stack.status === 'fulfilled' ? [stack.value] : []));
    const closed = await Promise.allSettled(open.map(({ stack }) => stack.close()));
    for (const [index, result] of closed.entries()) {
      if (result.status === 'fulfilled') continue;
      lifetime.defer(`close ${open[index]?.title}`, () => Promise.reject(result.reason));
    }
    await lifetime.close();
  }

  /** The user's globalSetup ran on slot 0, for all tests: what it wrote is a prelude. */
  async #adoptGlobalSetup(): Promise<void> {
    for (const variant of this.#context.config.variants.keys()) {
      const { stack } = await this.find({ slot: 0, variant });
      const delta = await stack.writtenBefore().catch((cause) => {
        throw cause instanceof RewindImpossible ? schemaChanged(cause) : cause;
      });
      if (delta) this.#preludes.add(templateOf(this.#context, variant), { by: 'globalSetup', delta });
    }
  }

  async #newStack(slot: number, variant: string): Promise<PooledStack> {
    const { run, config, postgres, workspaces, logs } = this.#context;
    const resolved = config.variants.get(variant);
    if (!resolved) throw new StacksError('OPTIONS_INVALID', `there is no variant '${variant}'.`);
    return new PooledStack(await planStack(run, slot, resolved, postgres, workspaces, logs, this.#ports), this.#shared);
  }
}

function schemaChanged(cause: RewindImpossible): StacksError {
  return new StacksError(
    'REWIND_IMPOSSIBLE',
    `globalSetup did something on slot 0 that the other slots cannot be given: ${cause.why}.`,
    {
      hint: 'move it into `database.migrate`, which runs once for all slots.',
      cause,
    },
  );
}
