// What the page knows: the runs that it shows, and what a person has chosen. Everything is drawn from these signals.
import { batch, computed, signal } from '@preact/signals';
import { type BoardMessage, type BoardModel, EMPTY_MODEL, reduceModel } from '../board-model.ts';
import type { LiveFacts } from '../live-facts.ts';
import { type ReportData, unreadable } from '../report/report-data.ts';
import { type Filter, NO_FILTER } from '../view/filter.ts';

/** `file`: a report, which no longer changes. `over`: the run has ended, and its board with it. */
export type Connection = 'connecting' | 'live' | 'lost' | 'over' | 'file';

export const runs = signal<readonly BoardModel[]>([EMPTY_MODEL]);
/** Of a merged report: what could not be read. */
export const missing = signal<readonly string[]>([]);
/** Why a report cannot be shown. */
export const unreadableWhy = signal<string | undefined>(undefined);
export const chosen = signal(0);
export const connection = signal<Connection>('connecting');
export const filter = signal<Filter>(NO_FILTER);
/** How servers and databases are now; undefined: not known, as in a report. */
export const facts = signal<LiveFacts | undefined>(undefined);
/** The clocks': moves while the run does. */
export const now = signal(Date.now());

export const model = computed(() => runs.value[chosen.value] ?? EMPTY_MODEL);
export const state = computed(() => model.value.state);
export const isMoving = computed(() => connection.value === 'live' && state.value.phase !== 'ended');

/** Events arrive in pieces; the page is drawn once for all that came since it was drawn last. */
let waiting: BoardMessage[] = [];
/** Until when the browser has time for what a person does. */
let restUntil = 0;
/** Milliseconds between two drawings at most: what happens is to be seen within 200. */
const LONGEST_REST_MS = 100;

export function receive(message: BoardMessage): void {
  if (waiting.length === 0) schedule(takeWaiting);
  waiting.push(message);
}

function takeWaiting(): void {
  const began = performance.now();
  draw();
  // After the frame: layout and painting are part of what it takes.
  setTimeout(() => {
    restUntil = performance.now() + Math.min(LONGEST_REST_MS, 2 * (performance.now() - began));
  });
}

function draw(): void {
  let next = runs.value[0] ?? EMPTY_MODEL;
  let isOver = false;
  let nextFacts = facts.peek();
  for (const message of waiting) {
    if (message.type === 'model') next = message.model;
    else if (message.type === 'events') next = message.events.reduce(reduceModel, next);
    else if (message.type === 'facts') nextFacts = message.facts;
    else isOver = true;
  }
  waiting = [];
  batch(() => {
    runs.value = [next];
    facts.value = isOver ? undefined : nextFacts;
    // The clocks move by themselves, a few times a second: not with each event.
    if (isOver || connection.peek() !== 'live') now.value = Date.now();
    connection.value = isOver ? 'over' : 'live';
  });
}

/** What it had was true then, and may not be now. */
export function lost(): void {
  batch(() => {
    facts.value = undefined;
    connection.value = 'lost';
  });
}

/** A page that is not seen gets no frames. */
function schedule(work: () => void): void {
  if (document.visibilityState !== 'visible') setTimeout(work, 200);
  else setTimeout(() => requestAnimationFrame(work), Math.max(0, restUntil - performance.now()));
}

/** Shows what a report has in it. */
export function showReport(data: ReportData): void {
  connection.value = 'file';
  unreadableWhy.value = unreadable(data.version);
  if (unreadableWhy.value !== undefined) return;
  batch(() => {
    runs.value = data.runs;
    missing.value = data.missing;
    choose(
      Math.max(
        0,
        data.runs.findIndex(({ state }) => state.progress.failed > 0 || state.broken !== undefined),
      ),
    );
  });
}

/** One of the runs of a merged report, with its clocks as they stood at its end. */
export function choose(index: number): void {
  chosen.value = index;
  now.value = runs.value[index]?.state.updatedAt ?? now.value;
}
