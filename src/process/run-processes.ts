// The processes that a run started, wherever they are now: found by a mark in their environment (Linux), by the journal,
// and by descent from those. A daemon that left its session and outlived its parent has nothing but the mark.
import { PART_OF } from '../environment.ts';
import { endGroup, type Members } from './end-group.ts';
import { trackFrom } from './members.ts';
import { commandLineOf, environmentOf, type ProcessEntry, programOf } from './processes.ts';

export interface RunProcesses {
  readonly run: string;
  /** When the runner was started: nothing that was there before is the run's. */
  readonly since: string;
  /** A variable, `NAME=value`, that its workers have; undefined: they are not to be ended. */
  readonly workerMark: string | undefined;
  /** Session leaders, with the moment of their start. */
  readonly leaders: readonly { readonly pid: number; readonly started: string }[];
}

/** Milliseconds from SIGTERM to SIGKILL. */
const SIGTERM_TIMEOUT_MS = 1_000;
/** Milliseconds that Playwright's workers, which notice the runner's death, may take to end by themselves. */
const WORKERS_TIMEOUT_MS = 2_000;

/**
 * Ends servers, commands and what they left running at once, and workers that do not end by themselves; looks again until
 * none is left, as some start others when they are asked to end. Returns the programs that were ended.
 */
export async function endRunProcesses(processes: RunProcesses): Promise<string[]> {
  // Workers are Playwright's, but live on databases and servers that go now. They ignore SIGTERM.
  const { workerMark } = processes;
  const seen = new Map<string, string>();
  const track = trackStarted(processes);
  const started: Members = () => {
    const found = track();
    for (const { pid, started: at } of found) {
      // What has no command line any more ended by itself in this moment.
      if (!seen.has(`${pid} ${at}`) && commandLineOf(pid)) seen.set(`${pid} ${at}`, programOf(pid));
    }
    return found;
  };
  const workers: Members = workerMark === undefined ? () => [] : trackWorkers(workerMark);
  await Promise.all([
    endGroup(started, { signal: 'SIGTERM', timeout: SIGTERM_TIMEOUT_MS }),
    endGroup(workers, { signal: 'SIGTERM', timeout: WORKERS_TIMEOUT_MS, target: 'processes' }),
  ]);
  return [...seen.values()];
}

function trackStarted({ run, since, leaders }: RunProcesses): Members {
  const isLeader = ({ pid, started }: ProcessEntry) =>
    leaders.some((leader) => leader.pid === pid && leader.started === started);
  const isMarked = ({ pid, started }: ProcessEntry) =>
    Number(started) >= Number(since) && environmentOf(pid).includes(`${PART_OF}=${run}`);
  return trackFrom((entry) => isLeader(entry) || isMarked(entry));
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
