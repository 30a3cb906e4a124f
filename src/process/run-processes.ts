// The processes that a run started, found when the runner is dead: by a mark in their environment (Linux), by the
// journal, and by descent from those.
import { PART_OF } from '../environment.ts';
import { endGroup, type Members } from './end-group.ts';
import { trackFrom } from './members.ts';
import { commandLineOf, environmentOf, type ProcessEntry } from './processes.ts';

export interface RunProcesses {
  readonly run: string;
  /** A variable, `NAME=value`, that its workers have; undefined: they are not to be ended. */
  readonly workerMark: string | undefined;
  /** Session leaders, with the moment of their start. */
  readonly leaders: readonly { readonly pid: number; readonly started: string }[];
}

/** Milliseconds from SIGTERM to SIGKILL. */
const POLITE = 1_000;
/** Milliseconds that Playwright's workers, which notice the runner's death, may take to end by themselves. */
const WORKERS = 2_000;

/** Ends servers and commands at once, and workers that do not end by themselves. Returns how many there were. */
export async function endRunProcesses(processes: RunProcesses): Promise<number> {
  // Workers are Playwright's, but live on databases and servers that go now. They ignore SIGTERM.
  const { workerMark } = processes;
  const started = trackStarted(processes);
  const workers: Members = workerMark === undefined ? () => [] : trackWorkers(workerMark);
  const count = started().length;
  await Promise.all([
    endGroup(started, { signal: 'SIGTERM', timeout: POLITE }),
    endGroup(workers, { signal: 'SIGTERM', timeout: WORKERS, target: 'processes' }),
  ]);
  return count;
}

function trackStarted({ run, leaders }: RunProcesses): Members {
  const isLeader = ({ pid, started }: ProcessEntry) =>
    leaders.some((leader) => leader.pid === pid && leader.started === started);
  return trackFrom((entry) => isLeader(entry) || environmentOf(entry.pid).includes(`${PART_OF}=${run}`));
}

/** Playwright sets a worker's number when it runs: only what it starts has that in its environment. */
function trackWorkers(mark: string): Members {
  return trackFrom(({ pid }) => {
    const environment = environmentOf(pid);
    if (!environment.includes(mark)) return false;
    const isOfWorker = environment.some((variable) => variable.startsWith('TEST_WORKER_INDEX='));
    return isOfWorker || FORKED.test(commandLineOf(pid) ?? '');
  });
}

/** The runner itself is elsewhere: what of Playwright's lies here is a process that it forked. */
const FORKED = /\/playwright\/lib\//;
