// How many spares a stack has whose options do not say: as many as boot while a test runs, bounded by processors and memory.
// One in any case where there is memory for it: without, every test waits for a boot; with, the system might end the run.

export interface Measured {
  /** Milliseconds that a boot took. */
  readonly bootTime: number;
  /** Milliseconds for which the last generations were the slot's: of tests. Empty at first. */
  readonly periods: readonly number[];
}

export interface Machine {
  readonly processors: number;
  /** How many stacks may be open at once, each with its spares. */
  readonly stacks: number;
  /** Bytes that are free. */
  readonly memory: number;
  /** Bytes that a generation has; 0: it is not known. */
  readonly generation: number;
}

/** Spares wait more than they compute; how many compute at once is bounded, too (boot-turns.ts). */
const SPARES_OF_A_PROCESSOR = 4;
const SHARE_OF_MEMORY = 0.5;

export function wantedSpares({ bootTime, periods }: Measured, machine: () => Machine): number {
  const period = median(periods);
  const needed = period === undefined ? 1 : Math.max(1, Math.ceil(bootTime / Math.max(period, 1)));
  return Math.min(needed, mostSpares(machine()));
}

function mostSpares({ processors, stacks, memory, generation }: Machine): number {
  const byProcessors = Math.max(1, Math.floor((SPARES_OF_A_PROCESSOR * processors) / stacks));
  const byMemory = generation > 0 ? Math.floor((memory * SHARE_OF_MEMORY) / generation / stacks) : byProcessors;
  return Math.min(byProcessors, byMemory);
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
