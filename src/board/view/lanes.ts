// The lanes of a timeline. One in which nothing has happened stays the same object, so that it need not be drawn again.
import type { Span } from '../../state/spans.ts';
import { type OpenSpan, RUN_LANE, type Timeline } from '../../state/timeline.ts';

export interface Lane {
  readonly name: string;
  /** What has ended, and then what goes on. */
  readonly spans: readonly Span[];
  readonly ended: readonly Span[];
  readonly going: readonly Span[];
}

/** Nothing has happened in it but that what goes on goes on. */
export function hasOnlyGrown(lane: Lane, before: Lane): boolean {
  return (
    lane.name === before.name &&
    lane.ended === before.ended &&
    lane.going.length === before.going.length &&
    lane.going.every(({ kind, from, title }, index) => {
      const known = before.going[index];
      return known?.kind === kind && known.from === from && known.title === title;
    })
  );
}

interface Made {
  readonly lane: Lane;
  /** What it was made of. */
  readonly ended: readonly Span[];
  readonly open: readonly OpenSpan[];
  /** Until when what has not ended is drawn. */
  readonly now: number;
}

const NONE: readonly never[] = [];

/** Returns the function that makes them: the run's first, then by slot, each with what has not ended drawn until now. */
export function laneMaker(): (timeline: Timeline, now: number) => readonly Lane[] {
  let known = new Map<string, Made>();
  let names: readonly string[] = [];
  return ({ lanes, open: all }, now) => {
    const open = new Map<string, OpenSpan[]>();
    for (const span of Object.values(all)) {
      const before = open.get(span.lane);
      if (before) before.push(span);
      else open.set(span.lane, [span]);
    }
    const present = new Set([...Object.keys(lanes), ...open.keys()]);
    if (present.size !== names.length || names.some((name) => !present.has(name))) names = [...present].sort(order);
    known = new Map(
      names.map((name) => [name, made(known.get(name), name, lanes[name] ?? NONE, open.get(name) ?? NONE, now)]),
    );
    return [...known.values()].map(({ lane }) => lane);
  };
}

function made(
  before: Made | undefined,
  name: string,
  ended: readonly Span[],
  open: readonly OpenSpan[],
  now: number,
): Made {
  const isSame =
    before?.ended === ended &&
    before.open.length === open.length &&
    open.every((span, index) => span === before.open[index]) &&
    (open.length === 0 || before.now === now);
  if (isSame) return before;
  const going = open.map(({ lane: _, ...span }) => ({ ...span, to: Math.max(now, span.from) }));
  const spans = going.length > 0 ? [...ended, ...going] : ended;
  return { lane: { name, spans, ended, going }, ended, open, now };
}

function order(one: string, other: string): number {
  if (one === RUN_LANE || other === RUN_LANE) return one === RUN_LANE ? -1 : 1;
  return one.localeCompare(other, 'en', { numeric: true });
}
