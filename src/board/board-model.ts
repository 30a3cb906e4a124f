// All that the page shows of a run: its state and its timeline, both made of events.
import type { StampedEvent } from '../events.ts';
import { reduce } from '../state/reduce.ts';
import { INITIAL_STATE, type RunState } from '../state/run-state.ts';
import { EMPTY_TIMELINE, reduceTimeline, type Timeline } from '../state/timeline.ts';
import type { LiveFacts } from './live-facts.ts';

export interface BoardModel {
  readonly state: RunState;
  readonly timeline: Timeline;
}

export const EMPTY_MODEL: BoardModel = { state: INITIAL_STATE, timeline: EMPTY_TIMELINE };

export function reduceModel({ state, timeline }: BoardModel, event: StampedEvent): BoardModel {
  return { state: reduce(state, event), timeline: reduceTimeline(timeline, event) };
}

/** What the runner sends to a page: first the model as it is, then what happens. */
export type BoardMessage =
  | { readonly type: 'model'; readonly model: BoardModel }
  | { readonly type: 'events'; readonly events: readonly StampedEvent[] }
  /** How servers and databases are now: no part of the model, which is a function of events. */
  | { readonly type: 'facts'; readonly facts: LiveFacts }
  /** The run is over, and so is the board. */
  | { readonly type: 'end' };
