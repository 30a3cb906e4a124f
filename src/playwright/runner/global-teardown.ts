// Playwright's globalTeardown of a run with stacks: removes everything, and fails the run that broke in its middle.
// A file, and not a function returned by globalSetup: Playwright calls this one also when set-up was interrupted.
import { messageOf, plainError, withoutSaidCause } from '../../errors.ts';
import { runnerState } from './runner-state.ts';

export default async function globalTeardown(): Promise<void> {
  const state = runnerState();
  const { run } = state;
  state.run = undefined;
  const errors = [...((await run?.failures()) ?? [])];
  await run?.close().catch((error: Error) => errors.push(error));
  if (errors.length > 1) throw plainError(errors.map(messageOf).join('\n'));
  if (errors.length === 1) throw withoutSaidCause(errors[0]);
}
