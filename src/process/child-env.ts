// The environment of everything that we start for the user: the runner's, and what is added to it.
import { READS_FILE_VARIABLE, READS_VARIABLE, RUN_KEY_VARIABLE, runMark } from '../environment.ts';
import { rememberEnvironment } from '../text/known-secrets.ts';
import { recordingReads } from './recorded-reads.ts';

/** A run inside a run (an app or a seed that calls Playwright) must not take our run for its own. */
const RUN_FILE = 'PLAYWRIGHT_STACKS_RUN';

/**
 * `additions` over `process.env` over `defaults`; undefined removes a variable.
 * @param title of the step or server, whose reads are noted for `doctor --app`
 */
export function childEnv(
  additions: Readonly<Record<string, string | undefined>>,
  { defaults = {}, title }: { defaults?: Readonly<Record<string, string>>; title?: string } = {},
): NodeJS.ProcessEnv {
  const { [RUN_FILE]: _, [RUN_KEY_VARIABLE]: __, ...inherited } = process.env;
  const { [READS_VARIABLE]: ___, [READS_FILE_VARIABLE]: ____, ...own } = inherited;
  const recording = recordingReads(title, additions, process.env);
  const all = { ...defaults, ...own, ...runMark(), ...additions, ...recording };
  rememberEnvironment(all); // whatever it prints of it
  return all;
}
