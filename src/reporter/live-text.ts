// What stands below everything on a terminal while tests run: progress, and each slot with its test and clock.
import { filesOf, runningTests } from '../state/files.ts';
import type { RunState, StackState, TestState } from '../state/run-state.ts';
import type { Colouring } from '../text/colours.ts';
import { fitted } from '../text/columns.ts';
import { printableName } from '../text/printable.ts';
import { nameOf } from './file-text.ts';
import { count } from './words.ts';

export interface LiveOptions {
  readonly columns: number;
  /** Of all lines together. */
  readonly rows: number;
  readonly slots: number;
  /** Milliseconds since 1970: of now, and of the first test. */
  readonly now: number;
  readonly began: number;
  /** Milliseconds. */
  readonly left: number | undefined;
  readonly colour: Colouring;
}

export function liveLines(state: RunState, options: LiveOptions): string[] {
  const { columns, rows } = options;
  const running = runningTests(state);
  // A file may have groups of its own, so that more slots are busy than there are files.
  const slots = Math.max(options.slots, ...running.map(({ test }) => (test.slot ?? 0) + 1));
  const most = Math.max(1, rows - 2);
  const shown = shownSlots(running, slots, slots > most + 1 ? most : slots);
  const lines = shown.map((slot) => slotLine(state, running, slot, { ...options, slots }));
  const more = slots > shown.length ? [`  and ${slots - shown.length} more slots`] : [];
  // The last column stays free: a terminal wraps there.
  return [progressLine(state, options), ...[...lines, ...more].map((line) => fitted(line, columns - 1))];
}

type Running = ReturnType<typeof runningTests>;

/** In their order; where there are too many, those whose tests have run for longest, and then those without one. */
function shownSlots(running: Running, slots: number, most: number): readonly number[] {
  const busy = running.flatMap(({ test: { slot } }) => (slot === undefined ? [] : [slot]));
  const all = new Set([...busy, ...Array.from({ length: slots }, (_, slot) => slot)]);
  return [...all].slice(0, most).sort((one, other) => one - other);
}

/** `[stacks] 12 of 61 tests, 3 of 16 files, 1 failed; 0:21, about 1:10 left` */
function progressLine(state: RunState, { now, began, left, columns, colour }: LiveOptions): string {
  const { progress } = state;
  const counts = [
    `${progress.completed} of ${count(progress.total, 'test')}`,
    `${progress.filesCompleted} of ${count(filesOf(state).size, 'file')}`,
    ...(progress.failed > 0 ? [`${progress.failed} failed`] : []),
  ];
  const remaining = left === undefined ? '' : `, about ${clock(left)} left`;
  const line = fitted(`[stacks] ${counts.join(', ')}; ${clock(now - began)}${remaining}`, columns - 1);
  return progress.failed > 0 ? line.replace(/\d+ failed/, (failed) => colour('red', failed)) : line;
}

/** `  slot 0  0:02  notes.spec.ts › creates a note` */
function slotLine(state: RunState, running: Running, slot: number, { now, slots }: LiveOptions): string {
  const name = `slot ${String(slot).padStart(String(slots - 1).length)}`;
  const found = running.find(({ test }) => test.slot === slot);
  if (found) {
    const { file, test } = found;
    const title = [nameOf(file), ...test.titlePath.map(printableName)].join(' › ');
    return `  ${name}  ${clock(now - (test.startedAt ?? now)).padStart(5)}  ${title}${againOf(test)}`;
  }
  const stacks = Object.values(state.stacks).filter((each) => each.slot === slot);
  return `  ${name}  ${'–'.padStart(5)}  ${stacks.map(waitsFor).find(Boolean) ?? ''}`.trimEnd();
}

function againOf({ attempts }: TestState): string {
  return attempts > 0 ? ` (attempt ${attempts + 1})` : '';
}

function waitsFor({ status }: StackState): string {
  if (status === 'opening') return 'its stack opens';
  return status === 'waiting' ? 'waits for free connections' : '';
}

/** `0:02`, `12:40`, `1:02:40` */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
