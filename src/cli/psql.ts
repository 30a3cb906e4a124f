// `psql [slot | kept]`: opens the database of a living run's slot, or one that was kept; prints its connection string where
// there is no terminal, for scripts. The password goes by the environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FoundRun, findRuns, isProjectOf } from '../cleanup/find-runs.ts';
import { withoutForeign } from '../environment.ts';
import { mustFindKept } from '../kept/find-kept.ts';
import { openKept } from '../kept/open-kept.ts';
import { databaseEnv } from '../postgres/client/connection-string.ts';
import { writeError } from '../text/terminal.ts';

export async function psql(slot: number): Promise<number> {
  return open(chooseUrl(findRuns(), slot, process.cwd()), async () => {});
}

/** Of a cluster a copy is opened. Where its connection string is printed, its server runs until Ctrl-C. */
export async function psqlKept(name: string): Promise<number> {
  const found = await mustFindKept(name, process.cwd(), process.env.STACKS_DATABASE_URL);
  const opened = await openKept(found);
  try {
    const isCopy = found.place.kind === 'cluster';
    if (isCopy) writeError('This is a copy: your changes are gone when you leave.\n');
    return await open(opened.url, isCopy ? untilInterrupted : async () => {});
  } finally {
    await opened.close();
  }
}

/** @param afterPrinting what the printed connection string is good until */
async function open(url: string, afterPrinting: () => Promise<void>): Promise<number> {
  const { stdin, stdout } = process;
  const print = async () => {
    process.stdout.write(`${url}\n`); // with its password: a script asked for it
    await afterPrinting();
    return 0;
  };
  if (!stdin.isTTY || !stdout.isTTY) return print();
  const { DATABASE_URL: _, ...variables } = databaseEnv(url);
  const child = spawn('psql', [], {
    stdio: 'inherit',
    env: { ...process.env, ...withoutForeign('existing'), ...variables },
  });
  // Ctrl-C is for psql, which ends a query by it.
  process.on('SIGINT', () => {});
  const ended = once(child, 'exit').then(([code]) => code ?? 1);
  return ended.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new Error(
      'psql was not found. To print the connection string instead: `npx playwright-stacks psql … | cat`.',
    );
  });
}

function untilInterrupted(): Promise<void> {
  writeError('The server of this copy runs for it: you can connect until you press Ctrl-C.\n');
  return new Promise((resolve) => {
    // A promise keeps no process alive.
    const timer = setInterval(() => {}, 60_000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        clearInterval(timer);
        resolve();
      });
    }
  });
}

/** The youngest run of this folder, else of any; a variant's stack where the default has none. */
function chooseUrl(runs: readonly FoundRun[], slot: number, cwd: string): string {
  const living = runs.filter(({ runner, stacks }) => runner === 'running' && stacks.length > 0);
  const [run] = [...living.filter(({ root }) => isProjectOf(root, cwd)), ...living];
  if (!run) throw new Error('no run is active; start one (`npx playwright test --ui`), or see `status`.');
  const stack = run.stacks.find((each) => each.slot === slot);
  if (stack) return stack.databaseUrl;
  const slots = [...new Set(run.stacks.map((each) => each.slot))];
  throw new Error(`run ${run.run} has no slot ${slot}; it has ${slots.join(', ')}.`);
}
