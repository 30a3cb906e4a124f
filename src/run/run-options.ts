// What a run is given.
import type { ResolvedStacks } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { StateStore } from '../state/state-store.ts';

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
