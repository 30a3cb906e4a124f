// What globalSetup, globalTeardown and the reporter of one runner process share: they are loaded by Playwright one by
// one, perhaps from two copies of this module, so it is on `globalThis`.
import type { ParsedOptions } from '../../config/parse.ts';
import { Events } from '../../events.ts';
import type { Run } from '../../run/run.ts';
import { StateStore } from '../../state/state-store.ts';

export interface RunnerState {
  /** What the config passed to `withStacks`, checked. Undefined: the config does not use it. */
  options: ParsedOptions | undefined;
  /** The config that `withStacks` got had a `globalSetup` of its own. */
  hasGlobalSetup: boolean;
  /** The run that globalSetup began, also while it still begins. */
  run: Run | undefined;
  readonly events: Events;
  /** Follows `events`. */
  readonly store: StateStore;
  /** Set once events are written to the file that `STACKS_EVENTS` names: ends that. */
  stopWriting: (() => void) | undefined;
}

const key = Symbol.for('playwright-stacks');

export function runnerState(): RunnerState {
  const holder = globalThis as unknown as { [key]?: RunnerState };
  holder[key] ??= newState();
  return holder[key];
}

function newState(): RunnerState {
  const events = new Events();
  const store = new StateStore(events);
  return { options: undefined, hasGlobalSetup: false, run: undefined, events, store, stopWriting: undefined };
}
