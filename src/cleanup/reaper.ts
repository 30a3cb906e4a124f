// The reaper, as the runner knows it: a process in a session of its own, started before anything is acquired.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { StacksError } from '../errors.ts';
import type { Events } from '../events.ts';
import { removeFolder } from '../files/remove-folder.ts';
import type { Lifetime } from '../lifetime.ts';
import { startOf } from '../process/processes.ts';
import { within } from '../wait.ts';
import { JournalWriter } from './journal.ts';
import { type Reaped, reap } from './reap.ts';
import { makeRunFolder } from './run-folder.ts';

export interface ReaperOptions {
  readonly run: string;
  /** The project's folder. */
  readonly root: string;
  /** `libpq`: the reaper has to reach an existing server, whose password may be in the environment. */
  readonly needs: 'nothing' | 'libpq';
  readonly lifetime: Lifetime;
  readonly events?: Events;
}

export interface StartedReaper {
  /** The run's folder. */
  readonly folder: string;
  readonly journal: JournalWriter;
  /** The reaper's pid. */
  readonly reaper: number;
}

/** Milliseconds that it may take for what a clean end has left. */
const REAPER_TIMEOUT_MS = 20_000;

/** Makes the run's folder and starts its reaper. `lifetime` lets that do what is left, the folder at last. */
export async function startReaper({ run, root, needs, lifetime, events }: ReaperOptions): Promise<StartedReaper> {
  const { path: folder, identity } = makeRunFolder(run);
  let finish: () => Promise<unknown> = () => removeFolder(folder, identity);
  lifetime.defer('remove what is left', () => finish(), { timeout: 2 * REAPER_TIMEOUT_MS });
  const journal = new JournalWriter(folder, { run, root });
  const program = fileURLToPath(new URL('./reaper-main.js', import.meta.url));
  const child = spawn(process.execPath, [program, folder], {
    cwd: '/',
    detached: true,
    env: environment(needs),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  journal.note({ kind: 'reaper', pid, started: startOf(pid) ?? '' });
  child.stdin?.on('error', () => {}); // It was killed: see `finish`.
  const ended = once(child, 'exit');
  // It must not hold up the runner's end: that is what it waits for.
  child.unref();
  const output = child.stdout as Socket;
  output.unref();
  finish = async () => {
    journal.close();
    const { removed } = await finishReaper(child, output, ended, folder);
    if (removed.length > 0) events?.emit({ type: 'reaped', removed });
  };
  return { folder, journal, reaper: pid };
}

/** Resolves with what the run itself had not ended. Throws what could not be removed. */
async function finishReaper(
  child: ChildProcess,
  output: Socket,
  ended: Promise<unknown>,
  folder: string,
): Promise<Reaped> {
  const printed = output.ref().setEncoding('utf8').toArray();
  child.stdin?.end();
  child.kill('SIGCONT'); // Somebody may have stopped it.
  child.ref();
  if (child.exitCode === null && child.signalCode === null) {
    await within(REAPER_TIMEOUT_MS, 'the reaper', () => ended).catch(() => child.kill('SIGKILL'));
  }
  if (child.exitCode === 0) return JSON.parse((await printed).join(''));
  // It was killed, or could not do it all: so we see why.
  const reaped = await reap(folder);
  const { failures } = reaped;
  if (failures.length === 0) return reaped;
  throw new StacksError('TEARDOWN_FAILED', 'something of the run is left.', {
    items: failures,
    hint: `\`npx playwright-stacks clean\` tries again; its journal is in ${folder}.`,
  });
}

function environment(needs: 'nothing' | 'libpq'): NodeJS.ProcessEnv {
  const wanted = needs === 'libpq' ? /^(PATH|HOME|LANG|NODE_EXTRA_CA_CERTS|PG[A-Z]+)$/ : /^(PATH|HOME)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted.test(name)));
}
