// The environment of everything that we start for the user: the runner's, and what is added to it.

/** Set by the run in the runner's own environment. */
export const RUN_KEY_VARIABLE = 'PLAYWRIGHT_STACKS_KEY';
/** A run inside a run (an app or a seed that calls Playwright) must not take our run for its own. */
const RUN_FILE = 'PLAYWRIGHT_STACKS_RUN';
/** In the environment of what we start: the run that it belongs to, by which it is found when the runner was killed. */
export const PART_OF = 'PLAYWRIGHT_STACKS_PART_OF';

/** `additions` over `process.env` over `defaults`. */
export function childEnv(
  additions: Readonly<Record<string, string>>,
  defaults: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const { [RUN_FILE]: _, [RUN_KEY_VARIABLE]: key, ...inherited } = process.env;
  return { ...defaults, ...inherited, ...(key !== undefined && { [PART_OF]: key }), ...additions };
}
