// Playwright's globalTeardown of a run with stacks: removes everything, and fails the run that broke in its middle.
// A file, and not a function returned by globalSetup: Playwright calls this one also when set-up was interrupted.
import { runnerState } from './runner-state.ts';

export default async function globalTeardown(): Promise<void> {
  const state = runnerState();
  const { run } = state;
  state.run = undefined;
  try {
    await run?.close();
  } finally {
    state.stopNdjson?.();
    state.stopNdjson = undefined;
  }
  if (run?.failure) throw run.failure;
}
