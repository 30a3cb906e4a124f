// The part of a timeline that is in sight, and what of it there is to draw. Times are milliseconds since 1970.
import type { Span } from '../../state/spans.ts';
import type { Timeline } from '../../state/timeline.ts';

export interface Viewport {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds: the narrowest that is shown. */
const NARROWEST = 20;

/** All of the run, with a margin at its end. */
export function whole({ lanes, open }: Timeline, startedAt: number, now: number): Viewport {
  const starts = [
    ...Object.values(lanes).map(([first]) => first?.from),
    ...Object.values(open).map(({ from }) => from),
  ];
  const from = Math.min(startedAt || now, ...starts.filter((start) => start !== undefined));
  return { from, to: Math.max(from + 1_000, now) };
}

/** @param factor above 1: closer @param at the moment that stays where it is */
export function zoom({ from, to }: Viewport, factor: number, at: number, limits: Viewport): Viewport {
  const width = Math.max(NARROWEST, (to - from) / factor);
  const share = (at - from) / (to - from);
  return within({ from: at - share * width, to: at + (1 - share) * width }, limits);
}

export function pan({ from, to }: Viewport, ms: number, limits: Viewport): Viewport {
  return within({ from: from + ms, to: to + ms }, limits);
}

function within({ from, to }: Viewport, limits: Viewport): Viewport {
  const width = to - from;
  if (width >= limits.to - limits.from) return limits;
  if (from < limits.from) return { from: limits.from, to: limits.from + width };
  return to > limits.to ? { from: limits.to - width, to: limits.to } : { from, to };
}

/** With room for what comes, so that what is drawn stays where it is for a while: at most a sixteenth more. */
export function roomy({ from, to }: Viewport): Viewport {
  const step = 2 ** Math.floor(Math.log2((to - from) / 16));
  return { from, to: from + Math.ceil((to - from) / step) * step };
}

/** Those of a lane that are in sight. They are in the order of their ends. */
export function inSight(spans: readonly Span[], { from, to }: Viewport): readonly Span[] {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return spans.slice(low).filter((span) => span.from <= to);
}

/** What lies over others is smaller, and wins. @param slack milliseconds beside it that count as it */
export function spanAt(spans: readonly Span[], at: number, slack: number): Span | undefined {
  const hit = spans.filter(({ from, to }) => from - slack <= at && at <= to + slack);
  return hit.reduce<Span | undefined>(
    (best, span) => (!best || lengthOf(span) < lengthOf(best) ? span : best),
    undefined,
  );
}

function lengthOf({ from, to }: Span): number {
  return to - from;
}

/** Moments for the axis: at most `most`, at round distances. */
export function ticks({ from, to }: Viewport, origin: number, most: number): readonly number[] {
  const isFew = (step: number) => (to - from) / step <= most;
  let step = STEPS.find(isFew) ?? 3_600_000;
  while (!isFew(step)) step *= 2; // Of a run that lasts for days, or whose clock was set.
  const first = Math.ceil((from - origin) / step) * step;
  const count = Math.max(0, Math.floor((to - origin - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => origin + first + index * step);
}

const STEPS = [
  ...[5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000],
  ...[60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000],
];
