// What stands below everything on a terminal while tests run: progress, and each slot with its test and clock.
import type { RunState, StackState, TestState } from '../state/run-state.ts';
import type { Colouring } from '../text/colours.ts';
import { fitted } from '../text/columns.ts';
import { printableName } from '../text/printable.ts';
import { isOver, nameOf } from './file-text.ts';

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
  const { columns, rows, slots } = options;
  const all = Array.from({ length: slots }, (_, slot) => slotLine(state, slot, options));
  const most = Math.max(1, rows - 2);
  const shown = all.length > most + 1 ? [...all.slice(0, most), `  and ${all.length - most} more slots`] : all;
  // The last column stays free: a terminal wraps there.
  return [progressLine(state, options), ...shown.map((line) => fitted(line, columns - 1))];
}

/** `[stacks] 12 of 61 tests, 3 of 16 files, 1 failed; 0:21, about 1:10 left` */
function progressLine(state: RunState, { now, began, left, columns, colour }: LiveOptions): string {
  const { progress, files } = state;
  const all = Object.values(files);
  const counts = [
    `${progress.completed} of ${progress.total} tests`,
    `${all.filter(isOver).length} of ${all.length} files`,
    ...(progress.failed > 0 ? [`${progress.failed} failed`] : []),
  ];
  const remaining = left === undefined ? '' : `, about ${clock(left)} left`;
  const line = fitted(`[stacks] ${counts.join(', ')}; ${clock(now - began)}${remaining}`, columns - 1);
  return progress.failed > 0 ? line.replace(/\d+ failed/, (failed) => colour('red', failed)) : line;
}

/** `  slot 0  0:02  notes.spec.ts › creates a note` */
function slotLine(state: RunState, slot: number, { now, slots }: LiveOptions): string {
  const name = `slot ${String(slot).padStart(String(slots - 1).length)}`;
  for (const file of Object.values(state.files)) {
    const test = Object.values(file.tests).find((each) => each.status === 'running' && each.slot === slot);
    if (!test) continue;
    const title = [nameOf(file), ...test.titlePath.map(printableName)].join(' › ');
    return `  ${name}  ${clock(now - (test.startedAt ?? now)).padStart(5)}  ${title}${againOf(test)}`;
  }
  const stack = Object.values(state.stacks).find((each) => each.slot === slot);
  return `  ${name}  ${'–'.padStart(5)}  ${waitsFor(stack)}`.trimEnd();
}

function againOf({ attempts }: TestState): string {
  return attempts > 0 ? ` (attempt ${attempts + 1})` : '';
}

function waitsFor(stack: StackState | undefined): string {
  if (stack?.status === 'opening') return 'its stack opens';
  return stack?.status === 'waiting' ? 'waits for free connections' : '';
}

/** `0:02`, `12:40`, `1:02:40` */
function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [h, m, s] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
