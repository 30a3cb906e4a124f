// What the page knows: the runs that it shows, and what a person has chosen. Everything is drawn from these signals.
import { batch, computed, signal } from '@preact/signals';
import { type BoardMessage, type BoardModel, EMPTY_MODEL, reduceModel } from '../board-model.ts';
import { type Filter, NO_FILTER } from '../view/filter.ts';

export interface ShownRun {
  /** `shard 1 of 3`, where there are several. */
  readonly title: string;
  readonly model: BoardModel;
}

/** `file`: a report, which no longer changes. `over`: the run has ended, and its board with it. */
export type Connection = 'connecting' | 'live' | 'lost' | 'over' | 'file';

export const runs = signal<readonly ShownRun[]>([{ title: '', model: EMPTY_MODEL }]);
export const chosen = signal(0);
export const connection = signal<Connection>('connecting');
export const filter = signal<Filter>(NO_FILTER);
/** The clocks': moves while the run does. */
export const now = signal(Date.now());

export const model = computed(() => runs.value[chosen.value]?.model ?? EMPTY_MODEL);
export const state = computed(() => model.value.state);
export const isMoving = computed(() => connection.value === 'live' && state.value.phase !== 'ended');

/** Events arrive in pieces; the page is drawn once for all that came since it was drawn last. */
let waiting: BoardMessage[] = [];

export function receive(message: BoardMessage): void {
  if (waiting.length === 0) schedule(takeWaiting);
  waiting.push(message);
}

function takeWaiting(): void {
  let next = runs.value[0]?.model ?? EMPTY_MODEL;
  let isOver = false;
  for (const message of waiting) {
    if (message.type === 'model') next = message.model;
    else if (message.type === 'events') next = message.events.reduce(reduceModel, next);
    else isOver = true;
  }
  waiting = [];
  batch(() => {
    runs.value = [{ title: '', model: next }];
    connection.value = isOver ? 'over' : 'live';
    now.value = Date.now();
  });
}

/** A page that is not seen gets no frames. */
function schedule(work: () => void): void {
  if (document.visibilityState === 'visible') requestAnimationFrame(work);
  else setTimeout(work, 200);
}
