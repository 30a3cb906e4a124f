// `status --watch`: follows the newest run that is active, until it ends.
import { findRuns } from '../cleanup/find-runs.ts';
import { followState } from '../state/follow-state.ts';
import type { RunState } from '../state/run-state.ts';
import { writeError, writeOut } from '../text/terminal.ts';
import { frame } from './frame.ts';
import { progressLine, stateText } from './state-text.ts';

/** Milliseconds between two pictures on a terminal. */
const REDRAW_INTERVAL_MS = 200;

/** Resolves with the exit code when the run has ended. */
export async function watch(): Promise<number> {
  const active = findRuns().find(({ runner }) => runner === 'running');
  if (!active) {
    writeError('no run is active.\n');
    return 1;
  }
  const { show, finish } = process.stdout.isTTY ? picture() : lines();
  await followState(active.folder, show, new AbortController().signal);
  finish();
  return 0;
}

/** The whole state, drawn again in its place. */
function picture() {
  let state: RunState | undefined;
  let height = 0;
  const draw = () => {
    if (!state) return;
    const lines = frame(stateText(state, Date.now()), process.stdout);
    if (height > 0) process.stdout.moveCursor(0, -height);
    process.stdout.clearScreenDown();
    writeOut(`${lines.join('\n')}\n`);
    height = lines.length;
  };
  const timer = setInterval(draw, REDRAW_INTERVAL_MS);
  return {
    show: (next: RunState) => {
      state = next;
    },
    finish: () => {
      clearInterval(timer);
      draw();
    },
  };
}

/** A line for each step of progress: for a pipe, or a log. */
function lines() {
  let last = '';
  const show = ({ run, phase, progress }: RunState) => {
    const line = `run ${run}  ${phase}  ${progressLine(progress)}\n`;
    if (line !== last) writeOut(line);
    last = line;
  };
  return { show, finish: () => {} };
}
