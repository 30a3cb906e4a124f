// A shell command in a process group (and session) of its own, whose id is the shell's pid.
// A terminal's Ctrl-C does not reach it, and the whole of it can be ended at once: end-group.ts.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { inTime } from '../wait.ts';
import { type Ending, type EndOptions, endGroup } from './end-group.ts';
import { trackMembers } from './members.ts';
import type { ProcessEntry } from './processes.ts';

/** Told of the leader of what was just started; returns what is to be called when nothing of it is left. */
export type GroupNote = (pid: number, title: string) => () => void;

export interface GroupOptions {
  readonly command: string;
  readonly cwd: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
  readonly note?: ((pid: number) => () => void) | undefined;
}

/** How the shell ended. */
export interface Exit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

export interface ProcessGroup {
  readonly pid: number;
  /** Settles when the shell ends; what it started may still run. */
  readonly exited: Promise<Exit>;
  /** Settles when the shell has ended and its output was read, at the latest a moment after it ended. */
  readonly drained: Promise<void>;
  /** Whether any process of it still runs. */
  isAlive(): boolean;
  /** The processes of it that run, those included that moved to a group of their own. */
  members(): ProcessEntry[];
  /** Ends it all, and says what that took. */
  end(options: EndOptions): Promise<Ending>;
}

/** Milliseconds that output may come after the shell's end: a process in the background can hold the pipe for ever. */
const DRAIN_TIMEOUT_MS = 300;

/** Starts `command`; rejects if there is no such folder or no shell. */
export async function spawnGroup({ command, cwd, env, onOutput, note }: GroupOptions): Promise<ProcessGroup> {
  // Without this the error would be "spawn /bin/sh ENOENT".
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) throw new Error(`there is no folder ${cwd}`);
  const child = spawn(command, { shell: true, detached: true, stdio: ['ignore', 'pipe', 'pipe'], cwd, env });
  const { pid } = child;
  if (pid === undefined) throw (await once(child, 'error'))[0];
  const noteGone = note?.(pid);

  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => onOutput(stream, text));
  }
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exited = new Promise<Exit>((resolve) =>
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined })),
  );
  const look = trackMembers(pid);
  // Once nothing of it is left the system may give its id to a stranger: never look at it again.
  let gone = false;
  const members = (): ProcessEntry[] => {
    const found = gone ? [] : look();
    gone ||= found.length === 0;
    return found;
  };
  void exited.then(members);
  let ending: Promise<Ending> | undefined;
  return {
    pid,
    exited,
    drained: exited.then(() => inTime(DRAIN_TIMEOUT_MS, closed)),
    isAlive: () => members().length > 0,
    members,
    end(options) {
      ending ??= endGroup(members, options).then((how) => {
        noteGone?.();
        return how;
      });
      return ending;
    },
  };
}
