// Things to compare are run in turns, in one process, so that what else the machine does falls on all alike; and of each
// the lower quartile counts, for what else the machine does only ever adds.

export interface Contender {
  /** Before each round, not counted. */
  readonly prepare?: () => Promise<unknown>;
  readonly run: () => Promise<unknown>;
}

/** The milliseconds of each; the first rounds, in which plans are made, do not count. */
export async function contest<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, Contender>>,
): Promise<Record<Name, number>> {
  const entries = Object.entries(contenders) as [Name, Contender][];
  const times = new Map<Name, number[]>(entries.map(([name]) => [name, []]));
  const warm = Math.min(8, Math.ceil(rounds / 5));
  for (let round = -warm; round < rounds; round++) {
    for (const [name, { prepare, run }] of entries) {
      await prepare?.();
      const from = performance.now();
      await run();
      if (round >= 0) times.get(name)?.push(performance.now() - from);
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, lowerQuartile(times.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

export function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
