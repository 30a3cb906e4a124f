// The environment of everything that we start for the user: the runner's, and what is added to it.
import { RUN_KEY_VARIABLE, runMark } from '../environment.ts';
import { rememberEnvironment } from '../text/known-secrets.ts';

/** A run inside a run (an app or a seed that calls Playwright) must not take our run for its own. */
const RUN_FILE = 'PLAYWRIGHT_STACKS_RUN';

/** `additions` over `process.env` over `defaults`; undefined removes a variable. */
export function childEnv(
  additions: Readonly<Record<string, string | undefined>>,
  defaults: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const { [RUN_FILE]: _, [RUN_KEY_VARIABLE]: __, ...inherited } = process.env;
  const all = { ...defaults, ...inherited, ...runMark(), ...additions };
  rememberEnvironment(all); // whatever it prints of it
  return all;
}
