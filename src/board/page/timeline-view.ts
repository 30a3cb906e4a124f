// Which part of the timeline is in sight, and what is pointed at.
import { computed, signal } from '@preact/signals';
import type { Span } from '../../state/spans.ts';
import { laneMaker } from '../view/lanes.ts';
import { pan, roomy, type Viewport, whole, zoom } from '../view/viewport.ts';
import { model, now, state } from './store.ts';

/** Undefined: all of it, also as it grows. */
export const chosenView = signal<Viewport | undefined>(undefined);
export const pointed = signal<{ readonly lane: string; readonly span: Span | undefined } | undefined>(undefined);

const isOver = computed(() => state.value.phase === 'ended');
const until = computed(() => (isOver.value ? state.value.updatedAt : Math.max(now.value, state.value.updatedAt)));
/** Milliseconds between two drawings of what still goes on: all lanes at once. */
const STEP_MS = 1_000;
const going = computed(() => (isOver.value ? until.value : Math.floor(until.value / STEP_MS) * STEP_MS));
const makeLanes = laneMaker();
export const lanes = computed(() => makeLanes(model.value.timeline, going.value));
const ends = computed(() => {
  const all = whole(model.value.timeline, state.value.startedAt, until.value);
  return isOver.value ? all : roomy(all);
});
/** The same object as long as it is the same. */
let known: Viewport = { from: 0, to: 1 };
export const limits = computed(() => {
  const { from, to } = ends.value;
  if (from !== known.from || to !== known.to) known = ends.value;
  return known;
});
export const view = computed(() => chosenView.value ?? limits.value);

export function move(next: Viewport): void {
  const all = limits.peek();
  chosenView.value = next.from <= all.from && next.to >= all.to ? undefined : next;
}

export function zoomBy(factor: number, at = (view.peek().from + view.peek().to) / 2): void {
  move(zoom(view.peek(), factor, at, limits.peek()));
}

export function panBy(share: number): void {
  const { from, to } = view.peek();
  move(pan(view.peek(), (to - from) * share, limits.peek()));
}
