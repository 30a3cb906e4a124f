// When what happened in a run, by lane: one for the run, one for each stack. A pure function of events, as the state is,
// but apart from it: it grows with the run.
import type { StampedEvent, TestRef } from '../events.ts';
import { stackTitle } from '../names.ts';
import { type Span, spanOf } from './spans.ts';

/** What has begun and not ended: its lane is known only when a worker has its stack. */
export interface OpenSpan extends Omit<Span, 'to'> {
  readonly lane: string;
}

export interface Timeline {
  /** Each in the order in which its spans ended. */
  readonly lanes: Readonly<Record<string, readonly Span[]>>;
  readonly open: Readonly<Record<string, OpenSpan>>;
  /** The lane of each worker. */
  readonly workers: Readonly<Record<number, string>>;
  readonly spans: number;
  /** The oldest, which were left out: a run of days must not fill the memory. */
  readonly dropped: number;
}

export const RUN_LANE = 'run';
export const EMPTY_TIMELINE: Timeline = { lanes: {}, open: {}, workers: {}, spans: 0, dropped: 0 };

/** 5,000 tests with all that belongs to them are about 15,000. */
const MOST_SPANS = 60_000;

export function reduceTimeline(before: Timeline, event: StampedEvent): Timeline {
  const timeline = event.type === 'run-started' ? EMPTY_TIMELINE : before;
  switch (event.type) {
    case 'leased': {
      const lane = stackTitle(event.slot, event.variant);
      const moved = inLane(timeline, testKey(event.worker), lane);
      const known = { ...moved, workers: { ...timeline.workers, [event.worker]: lane } };
      return event.ms < LEAST_WAIT_MS
        ? known
        : add(known, lane, { ...waited('its stack', event), ...ofOpen(known, event) });
    }
    case 'test-started':
      return open(timeline, testKey(event.worker), {
        ...{ lane: timeline.workers[event.worker] ?? stackTitle(event.slot, 'default'), kind: 'test', from: event.at },
        ...ofTest(event.test),
      });
    case 'test-result':
      return ended(timeline, event);
    case 'stack-opening':
      return open(timeline, `boot ${laneOf(event)}`, {
        ...{ lane: laneOf(event), kind: 'boot', from: event.at },
        title: event.again ? 'opening again' : 'opening',
      });
    case 'stack-opened': {
      const detail = partsOf(event.ms);
      return close(close(timeline, `room ${laneOf(event)}`, event.at), `boot ${laneOf(event)}`, event.at, { detail });
    }
    case 'stack-waits':
      return open(timeline, `room ${laneOf(event)}`, {
        ...{ lane: laneOf(event), kind: 'wait', from: event.at, title: 'free connections' },
      });
    case 'machine-waits':
      return open(timeline, `machine ${laneOf(event)}`, {
        ...{ lane: laneOf(event), kind: 'wait', from: event.at, title: 'a slot of the machine' },
      });
    case 'machine-taken':
      return close(timeline, `machine ${laneOf(event)}`, event.at);
    case 'step-began': {
      const lane = event.stack ? stackTitle(event.stack.slot, event.stack.variant) : RUN_LANE;
      return open(timeline, `step ${lane} ${event.step}`, { lane, kind: 'step', from: event.at, title: event.step });
    }
    case 'step-ended': {
      const lane = event.stack ? stackTitle(event.stack.slot, event.stack.variant) : RUN_LANE;
      return close(timeline, `step ${lane} ${event.step}`, event.at, event.failed ? { detail: 'failed' } : {});
    }
    case 'lock-asked':
      return open(timeline, lockKey(event), {
        ...waited(`lock ${event.name}`, { at: event.at, ms: 0 }),
        ...lockOf(event),
      });
    case 'lock-refused':
      return close(timeline, lockKey(event), event.at, { detail: 'refused' });
    case 'lock-taken':
      return open(close(timeline, lockKey(event), event.at), lockKey(event), {
        ...{ kind: 'lock', from: event.at, title: `lock ${event.name}`, detail: event.mode },
        ...lockOf(event),
      });
    case 'lock-released':
      return close(timeline, lockKey(event), event.at);
    case 'released':
      return Object.keys(timeline.open)
        .filter((key) => key.startsWith(`lock ${event.worker} `) || key === `machine ${laneOf(event)}`)
        .reduce((rest, key) => close(rest, key, event.at), timeline);
    default: {
      const span = spanOf(event);
      if (!span) return timeline;
      return add(timeline, 'slot' in event && 'variant' in event ? laneOf(event) : RUN_LANE, span);
    }
  }
}

/** Milliseconds that are worth a line in the picture. */
const LEAST_WAIT_MS = 5;

function ended(timeline: Timeline, event: Extract<StampedEvent, { type: 'test-result' }>): Timeline {
  const { worker, at, outcome, errors = [], test } = event;
  const key = testKey(worker);
  const known = timeline.open[key];
  if (!known || known.test !== test.id) return timeline; // Skipped: no worker had it.
  const error = errors[0]?.message.split('\n')[0];
  return close(timeline, key, at, { outcome, ...(error !== undefined && { detail: error.slice(0, 200) }) });
}

function open(timeline: Timeline, key: string, span: OpenSpan): Timeline {
  return { ...timeline, open: { ...timeline.open, [key]: span } };
}

function close(
  timeline: Timeline,
  key: string,
  to: number,
  more: Pick<Partial<Span>, 'detail' | 'outcome'> = {},
): Timeline {
  const { [key]: known, ...rest } = timeline.open;
  if (!known || !Object.hasOwn(timeline.open, key)) return timeline;
  const { lane, ...span } = known;
  const isTooShort = span.kind === 'wait' && to - span.from < LEAST_WAIT_MS;
  const without = { ...timeline, open: rest };
  return isTooShort ? without : add(without, lane, { ...span, to, ...more });
}

function add(timeline: Timeline, lane: string, span: Span): Timeline {
  const known = timeline.lanes[lane] ?? [];
  const lanes = { ...timeline.lanes, [lane]: [...known, span] };
  const added = { ...timeline, lanes, spans: timeline.spans + 1 };
  return added.spans > MOST_SPANS ? withoutOldest(added) : added;
}

/** A quarter of the longest lane, so that it does not happen at each event. */
function withoutOldest(timeline: Timeline): Timeline {
  const [longest] = Object.entries(timeline.lanes).sort(([, one], [, other]) => other.length - one.length);
  if (!longest) return timeline;
  const [lane, spans] = longest;
  const count = Math.ceil(spans.length / 4);
  const lanes = { ...timeline.lanes, [lane]: spans.slice(count) };
  return { ...timeline, lanes, spans: timeline.spans - count, dropped: timeline.dropped + count };
}

function inLane(timeline: Timeline, key: string, lane: string): Timeline {
  const known = timeline.open[key];
  return known ? open(timeline, key, { ...known, lane }) : timeline;
}

function ofTest(test: TestRef): Pick<Span, 'title' | 'test'> {
  return { title: test.titlePath.join(' › ') || test.title, test: test.id };
}

function ofOpen({ open }: Timeline, { worker }: { readonly worker: number }): Pick<Span, 'test'> {
  const test = open[testKey(worker)]?.test;
  return test === undefined ? {} : { test };
}

type LockEvent = Extract<StampedEvent, { type: 'lock-asked' | 'lock-taken' | 'lock-refused' | 'lock-released' }>;

function lockOf(event: LockEvent): Pick<OpenSpan, 'lane' | 'test'> {
  return { lane: laneOf(event), ...(event.test && { test: event.test.id }) };
}

function lockKey({ worker, name, test }: LockEvent): string {
  return `lock ${worker} ${test?.id ?? ''} ${name}`;
}

function waited(what: string, { at, ms }: { readonly at: number; readonly ms: number }): Span {
  return { kind: 'wait', from: at - ms, to: at, title: what };
}

function testKey(worker: number): string {
  return `test ${worker}`;
}

function laneOf({ slot, variant }: { readonly slot: number; readonly variant: string }): string {
  return stackTitle(slot, variant);
}

function partsOf({ clone, worktree, prepare, servers }: Extract<StampedEvent, { type: 'stack-opened' }>['ms']): string {
  const parts = { clone, ...(worktree > 0 && { worktree }), ...(prepare > 0 && { prepare }), ...servers };
  return Object.entries(parts)
    .map(([name, ms]) => `${name} ${ms} ms`)
    .join(', ');
}
