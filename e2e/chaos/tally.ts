// What the rounds came to.

export interface Round {
  readonly way: string;
  /** Seconds from the run's end to nothing left; undefined: something was left after all patience. */
  readonly seconds: number | undefined;
  readonly hung: boolean;
  /** How it ended otherwise than it should. */
  readonly misjudged: string | undefined;
  /** There was nothing to hurt any more: it is not counted. */
  readonly unhurt: boolean;
}

interface Row {
  readonly rounds: number;
  readonly survivors: number;
  readonly late: number;
  readonly harmed: number;
  readonly hung: number;
  readonly misjudged: number;
  readonly unhurt: number;
  readonly median: number;
  readonly worst: number;
}

const IN_TIME = 5;

export function tally(
  rounds: readonly Round[],
  harmed: number,
): Row & { readonly rows: Readonly<Record<string, Row>> } {
  const ways = [...new Set(rounds.map(({ way }) => way))].sort();
  const rows = ways.map(
    (way) =>
      [
        way,
        row(
          rounds.filter((round) => round.way === way),
          0,
        ),
      ] as const,
  );
  return { ...row(rounds, harmed), rows: Object.fromEntries(rows) };
}

function row(all: readonly Round[], harmed: number): Row {
  const rounds = all.filter(({ unhurt }) => !unhurt);
  const seconds = rounds.flatMap((round) => round.seconds ?? []).sort((a, b) => a - b);
  return {
    rounds: rounds.length,
    survivors: rounds.length - seconds.length,
    late: seconds.filter((each) => each > IN_TIME).length,
    harmed,
    hung: rounds.filter(({ hung }) => hung).length,
    misjudged: rounds.filter(({ misjudged }) => misjudged !== undefined).length,
    unhurt: all.length - rounds.length,
    median: seconds[Math.floor(seconds.length / 2)] ?? 0,
    worst: seconds.at(-1) ?? 0,
  };
}
