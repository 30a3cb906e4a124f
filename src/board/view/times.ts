// Times as the page shows them, and what it reckons from them.
import type { RunState } from '../../state/run-state.ts';
import { timeLeft as leftByEarlierRuns } from '../../state/time-left.ts';
import { summaryOf } from './file-summary.ts';

/** `48 ms`, `3.2 s`, `47 s`, `2:05`, `1:02:05` */
export function clock(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const [hours, minutes, rest] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Milliseconds since the run began, until now or until its tests were over. */
export function elapsed({ progress, startedAt, updatedAt, phase }: RunState, now: number): number {
  if (progress.ms !== undefined) return progress.ms;
  return startedAt === 0 ? 0 : Math.max(0, (phase === 'ended' ? updatedAt : now) - startedAt);
}

/** Of the tests that ran: what they took one after the other, and how many are over. */
function tests({ files }: RunState): { readonly sum: number; readonly count: number } {
  let [sum, count] = [0, 0];
  for (const file of Object.values(files)) {
    const { ms, over } = summaryOf(file);
    sum += ms;
    count += over;
  }
  return { sum, count };
}

/**
 * How many times as long one worker would have taken for the tests. Undefined before there is something to say, and where
 * the set-up took more than workers gain: of them the quotient says nothing.
 */
export function speedUp(state: RunState, now: number): number | undefined {
  const { sum, count } = tests(state);
  const wall = elapsed(state, now);
  if (count === 0 || wall === 0) return undefined;
  return sum > wall ? sum / wall : undefined;
}

/** Milliseconds until the tests are over, by earlier runs, or where these are not known as those that are over took. */
export function timeLeft(state: RunState, workers: number, now: number): number | undefined {
  return leftByEarlierRuns(state, { workers, now }) ?? leftByMean(state, workers);
}

/** Undefined where too few are over. */
function leftByMean(state: RunState, workers: number): number | undefined {
  const { waiting, running, completed } = state.progress;
  const { sum, count } = tests(state);
  if (completed < 3 || count < 3 || waiting + running === 0) return undefined;
  const each = sum / count;
  return ((waiting + running / 2) * each) / Math.max(1, Math.min(workers, waiting + running));
}
