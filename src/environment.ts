// How what a run starts is told from everything else on the machine: by a variable in its environment.

/** Set by the run in the runner's own environment. */
export const RUN_KEY_VARIABLE = 'PLAYWRIGHT_STACKS_KEY';
/** In the environment of what the run starts: its key, by which it is found when the runner was killed. */
export const PART_OF = 'PLAYWRIGHT_STACKS_PART_OF';

/** Playwright's default of `baseURL`; component testing serves its pages there. */
export const BASE_URL_VARIABLE = 'PLAYWRIGHT_TEST_BASE_URL';

/** What the environment of a process that is started now has to hold; nothing where there is no run. */
export function runMark(): Readonly<Record<string, string>> {
  const key = process.env[RUN_KEY_VARIABLE];
  return key === undefined ? {} : { [PART_OF]: key };
}
