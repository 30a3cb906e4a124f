// For `npx playwright-stacks dev`: the run stays after its set-up, and no test begins.
import type { StackInfo } from '../../lease/run-file.ts';
import { writeOut } from '../../text/terminal.ts';

/** Set by `dev`. */
const HOLD_VARIABLE = 'STACKS_HOLD';

/** And with it: the name of what an earlier run has kept, on a copy of which the stack is to stand. */
const KEPT_VARIABLE = 'STACKS_KEPT';

export function keptToHold(): string | undefined {
  return isHeld() ? process.env[KEPT_VARIABLE] : undefined;
}

export function isHeld(): boolean {
  return process.env[HOLD_VARIABLE] !== undefined;
}

/** Says where the stack is, and never settles: Ctrl-C makes Playwright tear the run down. */
export function hold([stack]: readonly StackInfo[]): Promise<never> {
  const servers = Object.entries(stack?.servers ?? {}).map(([name, url]) => `  ${name.padEnd(13)} ${url}\n`);
  const database = `  DATABASE_URL  ${stack?.databaseUrl}\n  psql          npx playwright-stacks psql ${stack?.slot}\n`;
  writeOut(`\n${servers.join('')}${database}\n  Ctrl-C ends it.\n`);
  // A promise keeps no process alive.
  return new Promise(() => setInterval(() => {}, 60_000));
}
