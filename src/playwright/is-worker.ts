/**
 * Whether this process is one of Playwright's workers. They are forked, with a channel to the runner: what a test starts, such
 * as another `playwright test`, inherits their variables, but not that.
 */
export function isWorker(): boolean {
  return process.env.TEST_WORKER_INDEX !== undefined && process.send !== undefined;
}
