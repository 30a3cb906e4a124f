// The slot's variables in a worker's environment: adopted with the stack, forgotten where it is not known yet which one
// is meant, taken back for a project without a stack. What somebody else has set after our set-up stays his: component
// testing serves its pages at PLAYWRIGHT_TEST_BASE_URL.
import { BASE_URL_VARIABLE } from '../../environment.ts';
import type { RunFile, StackInfo } from '../../lease/run-file.ts';
import { rememberEnvironment } from '../../text/known-secrets.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** For helpers that read `process.env`, and for `baseURL`'s own default. */
export function adoptVariables(stack: StackInfo, file: RunFile): void {
  Object.assign(process.env, stack.env);
  rememberEnvironment(process.env);
  if (stack.url && isOursOrUnset(BASE_URL_VARIABLE, file)) process.env[BASE_URL_VARIABLE] = stack.url;
}

/** What our run has put into this process before it is known whose stack is needed: better none than another's. */
export function forgetVariables(file: RunFile): void {
  for (const name of Object.keys(file.developer)) {
    if (isOursOrUnset(name, file)) delete process.env[name];
  }
}

/** For a project without a stack: what was there before the run. */
export function restoreVariables(file: RunFile): void {
  for (const [name, value] of Object.entries(file.developer)) {
    if (!isOursOrUnset(name, file)) continue;
    if (value === null) delete process.env[name];
    else process.env[name] = value;
  }
}

function isOursOrUnset(name: string, { stacks }: RunFile): boolean {
  const value = process.env[name];
  return value === undefined || stacks.some((stack) => variablesOf(stack)[name] === value);
}

function variablesOf({ env, url }: StackInfo): Variables {
  return { ...env, [BASE_URL_VARIABLE]: url };
}
