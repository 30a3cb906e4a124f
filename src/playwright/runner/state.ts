// `playwright-stacks/state`: the state of the run, for code in the runner's process: reporters, globalSetup.
import type { RunState } from '../../state/run-state.ts';
import type { StateListener } from '../../state/state-store.ts';
import { runnerState } from './runner-state.ts';

export type { StampedEvent, TestOutcome, TestRef } from '../../events.ts';
export { reduce } from '../../state/reduce.ts';
export { INITIAL_STATE, type RunState } from '../../state/run-state.ts';
export type { StateListener } from '../../state/state-store.ts';

/**
 * What the run is now. In a worker, and where the config does not use `withStacks()`, it stays `INITIAL_STATE`.
 * @example
 * import { runState } from 'playwright-stacks/state';
 * const { completed, total } = runState().progress;
 */
export function runState(): RunState {
  return runnerState().store.state;
}

/**
 * Calls `listener` after each event with the state after it, in order; at least once for each test. Nobody waits for what
 * it returns. A listener that throws is called no more, and a line says so.
 * @returns the function that ends it
 * @example
 * subscribe(({ progress }) => console.log(`${progress.completed} of ${progress.total}`));
 */
export function subscribe(listener: StateListener): () => void {
  return runnerState().store.subscribe(listener);
}
