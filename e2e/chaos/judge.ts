// Whether a hurt run ended as it should: by the signal that it got, or with a report that says what happened.
import type { RunResult } from '../harness/run.ts';

/** What Playwright may say, by what was hurt, for an exit code of 1. */
const REASONS: readonly (readonly [RegExp, RegExp])[] = [
  [/^a worker SIGKILL/, /worker process exited unexpectedly/],
  [/^an app server SIGKILL/, /SERVER_EXITED|ECONNRE|socket hang up/],
  [/^the relay SIGKILL/, /SERVER_EXITED|ECONNRE|socket hang up/],
  [/^a Postgres process SIGKILL/, /POSTGRES_FAILED|DATABASE_UNREACHABLE|COMMAND_FAILED|terminat|ECONNRE|SERVER_/],
];

/** Undefined: as it should. @param tests how many pass in a run that nothing was done to */
export function misjudged(way: string, { exitCode, signal, output }: RunResult, tests: number): string | undefined {
  const runner = /(?:runner|terminal)(?:.*) (SIG\w+)/.exec(way)?.[1];
  if (exitCode === 0) return output.includes(`${tests} passed`) ? undefined : `exit code 0 without ${tests} passed`;
  if (signal !== null) return signal === runner ? undefined : `ended by ${signal}`;
  if (runner === 'SIGINT') return exitCode === 130 || exitCode === 1 ? undefined : `exit code ${exitCode}`;
  const reason = REASONS.find(([hurt]) => hurt.test(way))?.[1];
  if (exitCode === 1 && reason?.test(output)) return undefined;
  return `exit code ${exitCode}:\n${output.slice(-2_000)}`;
}
