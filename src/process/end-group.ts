// Ends a process group that we started: a polite signal, a deadline, SIGKILL; and says which was needed.
import { setTimeout as delay } from 'node:timers/promises';
import { growing, poll } from '../wait.ts';
import { type ProcessEntry, programOf } from './processes.ts';

export interface EndOptions {
  readonly signal: 'SIGINT' | 'SIGTERM';
  /** Milliseconds from the polite signal to SIGKILL. 0: as long as `DEFAULT_SIGNAL_TIMEOUT_MS`. */
  readonly timeout: number;
  /** `processes`: where a group has others in it as well, as Playwright's runner and its workers. @default 'groups' */
  readonly target?: 'groups' | 'processes';
}

/** `gone`: nothing was running any more; `polite`: the signal sufficed; `forced`: it took SIGKILL. */
export type Ending = 'gone' | 'polite' | 'forced';

/** Playwright's "timeout 0: never SIGKILL" would let an application outlive the run; this is the longest we wait. */
const DEFAULT_SIGNAL_TIMEOUT_MS = 10_000;
/** Milliseconds that a process takes to end. */
const LEAST_MS = 5;
/** Milliseconds that the kernel may take to end what was sent SIGKILL. */
const SIGKILL_TIMEOUT_MS = 10_000;

/** The processes to end, those that still run: `trackMembers` makes it. */
export type Members = () => ProcessEntry[];

/** Settles when none of `members` runs any more. */
export async function endGroup(members: Members, options: EndOptions): Promise<Ending> {
  const { signal, timeout, target = 'groups' } = options;
  // A look at all processes takes its time, and slots end side by side: none is taken that tells nothing.
  const running = members();
  if (running.length === 0) return 'gone';
  send(running, signal, target);
  send(running, 'SIGCONT', target); // What somebody has stopped heeds no other.
  await delay(LEAST_MS);
  if (await isGoneWithin(timeout || DEFAULT_SIGNAL_TIMEOUT_MS, members)) return 'polite';

  // Again and again, because a process may fork between our look and the signal.
  const deadline = Date.now() + SIGKILL_TIMEOUT_MS;
  let refused: ReadonlySet<number> = new Set();
  do {
    refused = send(members(), 'SIGKILL', target);
    if (await isGoneWithin(200, members)) return 'forced';
  } while (Date.now() < deadline && !members().every(({ pid }) => refused.has(pid)));
  const left = members().map(({ pid }) => {
    const why = refused.has(pid)
      ? 'it belongs to another user'
      : `it did not end within ${SIGKILL_TIMEOUT_MS} ms of SIGKILL`;
    return `process ${pid} (${programOf(pid)}) still runs: ${why}`;
  });
  if (left.length === 0) return 'forced';
  throw new Error(left.join('; '));
}

/**
 * To every group whose leader is among them, and to the others one by one: a shell with job control, or `setsid`, gives
 * its children groups of their own. Returns whom the system does not let us signal.
 */
function send(all: readonly ProcessEntry[], signal: NodeJS.Signals, target: 'groups' | 'processes'): Set<number> {
  const leaders = new Set(target === 'groups' ? all.flatMap(({ pid, group }) => (pid === group ? pid : [])) : []);
  const refused = new Set<number>();
  for (const leader of leaders) kill(-leader, signal);
  for (const { pid, group } of all) {
    // A group counts as signalled when one of it was.
    if (kill(pid, leaders.has(group) ? 0 : signal) === 'refused') refused.add(pid);
  }
  return refused;
}

function kill(id: number, signal: NodeJS.Signals | 0): 'sent' | 'gone' | 'refused' {
  try {
    process.kill(id, signal);
    return 'sent';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return 'gone';
    if (code === 'EPERM') return 'refused';
    throw error;
  }
}

async function isGoneWithin(timeout: number, members: Members): Promise<boolean> {
  const isGone = () => members().length === 0 || undefined;
  return (await poll(isGone, { timeout, interval: growing(LEAST_MS, 50, 0.3) })) ?? false;
}
