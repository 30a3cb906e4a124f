// `psql [slot]`: opens the database of a living run's slot, or prints its connection string where there is no terminal or
// no psql. The password goes by the environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FoundRun, findRuns } from '../pool/find-runs.ts';
import type { StackInfo } from '../pool/run-file.ts';

export async function psql(slot: number): Promise<number> {
  const stack = chooseStack(findRuns(), slot, process.cwd());
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return print(stack);
  const { DATABASE_URL: _, ...variables } = stack.env;
  const child = spawn('psql', [], { stdio: 'inherit', env: { ...process.env, ...variables } });
  // Ctrl-C is for psql, which ends a query by it.
  process.on('SIGINT', () => {});
  const ended = once(child, 'exit').then(([code]) => code ?? 1);
  return ended.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return print(stack);
    throw error;
  });
}

/** The youngest run of this folder, else of any; a variant's stack where the default has none. */
function chooseStack(runs: readonly FoundRun[], slot: number, cwd: string): StackInfo {
  const living = runs.filter(({ runner, stacks }) => runner === 'running' && stacks.length > 0);
  const here = living.filter(({ root }) => `${cwd}/`.startsWith(`${root}/`) || `${root}/`.startsWith(`${cwd}/`));
  const [run] = [...here, ...living];
  if (!run) throw new Error('no run is living; start one (`npx playwright test --ui`), or see `status`.');
  const stack = run.stacks.find((each) => each.slot === slot);
  if (stack) return stack;
  const slots = [...new Set(run.stacks.map((each) => each.slot))];
  throw new Error(`run ${run.run} has no slot ${slot}; it has ${slots.join(', ')}.`);
}

function print({ databaseUrl }: StackInfo): number {
  process.stdout.write(`${databaseUrl}\n`);
  return 0;
}
