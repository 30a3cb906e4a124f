// What the stacks of a pool share.
import type { Events } from '../../events.ts';
import type { Keeper } from '../kept/keeper.ts';
import type { RunContext } from '../run-context.ts';
import type { Preludes } from './preludes.ts';
import type { QuietTimes } from './quiet-times.ts';
import type { RewoundTests } from './rewound-tests.ts';
import type { RunHealth } from './run-health.ts';
import type { RunMachine } from './run-machine.ts';

export interface PoolContext {
  readonly run: RunContext;
  readonly events: Events;
  readonly health: RunHealth;
  readonly keeper: Keeper;
  /** The slots of the machine; undefined: the run does not share it with others. */
  readonly machine: RunMachine | undefined;
  readonly preludes: Preludes;
  readonly rewound: RewoundTests;
  readonly quiet: QuietTimes;
  /** Whether the tests need the slot: of one that was opened on a guess, they may not. */
  readonly isWanted: (slot: number) => boolean;
  /** Settles when what the user's globalSetup wrote on slot 0 is a prelude. */
  readonly adoptGlobalSetup: () => Promise<void>;
}
