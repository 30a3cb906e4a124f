// For `npx playwright-stacks dev`: the run stays after its set-up, and no test begins. For `doctor --app`: slots open one
// by one, when they are asked for, and then tests run.
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { readPlan } from '../../audit/plan.ts';
import { HOLD_VARIABLE, KEPT_VARIABLE } from '../../environment.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import type { Run } from '../../run/run.ts';
import { writeOut } from '../../text/terminal.ts';
import { poll } from '../../wait.ts';

export function keptToHold(): string | undefined {
  return isHeld() ? process.env[KEPT_VARIABLE] : undefined;
}

export function isHeld(): boolean {
  return process.env[HOLD_VARIABLE] !== undefined;
}

/** Of the command that has started this run, where it has one: `audit`, `doctor --app`. */
export function commandFolder(): string | undefined {
  const folder = readPlan()?.home ?? process.env[HOLD_VARIABLE] ?? '';
  return isAbsolute(folder) ? folder : undefined;
}

/** `doctor --app` names the folder in which files say how far the run may go. */
export async function holdAsAsked(run: Run): Promise<void> {
  const folder = process.env[HOLD_VARIABLE] ?? '';
  if (!isAbsolute(folder)) return hold(run.stacks);
  const asked = (name: string) => poll(() => existsSync(join(folder, name)) || undefined, ASKING);
  const slots = new Set(run.stacks.map(({ slot }) => slot));
  for (const slot of slots) {
    if (slot === 0) continue;
    await asked(`slot-${slot}`);
    await run.open(slot, run.stacks[0]?.variant ?? '');
  }
  await asked('tests');
  await run.lookAtServers();
}

/** Who asks looks at what is open meanwhile, within seconds. */
const ASKING = { timeout: 30 * 60_000, interval: 50 };

/** Says where the stack is, and never settles: Ctrl-C makes Playwright tear the run down. */
function hold([stack]: readonly StackInfo[]): Promise<never> {
  const servers = Object.entries(stack?.servers ?? {}).map(([name, url]) => `  ${name.padEnd(13)} ${url}\n`);
  const database = `  DATABASE_URL  ${stack?.databaseUrl}\n  psql          npx playwright-stacks psql ${stack?.slot}\n`;
  writeOut(`\n${servers.join('')}${database}\n  Ctrl-C ends it.\n`);
  // A promise keeps no process alive.
  return new Promise(() => setInterval(() => {}, 60_000));
}
