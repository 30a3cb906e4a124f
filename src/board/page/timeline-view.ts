// Which part of the timeline is in sight, and what is pointed at.
import { computed, signal } from '@preact/signals';
import type { Span } from '../../state/spans.ts';
import { lanesOf, pan, type Viewport, whole, zoom } from '../view/viewport.ts';
import { model, now, state } from './store.ts';

/** Undefined: all of it, also as it grows. */
export const chosenView = signal<Viewport | undefined>(undefined);
export const pointed = signal<{ readonly lane: string; readonly span: Span | undefined } | undefined>(undefined);

/** When there is something new: a run that is over has no now. */
const until = computed(() =>
  state.value.phase === 'ended' ? state.value.updatedAt : Math.max(now.value, state.value.updatedAt),
);
export const lanes = computed(() => lanesOf(model.value.timeline, until.value));
export const limits = computed(() => whole(model.value.timeline, state.value.startedAt, until.value));
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
