// Processes that end with us, also when we are SIGKILLed: a shell between holds the read end of a pipe of ours.
// Protocol on that pipe: a line is a signal to send to the command; end of file sends its last signal.
import { type ChildProcess, spawn } from 'node:child_process';
import { runMark } from '../../environment.ts';
import { postgresUser } from './postgres-user.ts';

/** How the command ended: `code 1`, `signal SIGKILL`. */
export interface Ending {
  readonly code: number | null;
  readonly title: string;
}

export interface BoundChild {
  readonly pid: number | undefined;
  /** Resolves when the command has ended; never rejects. */
  readonly ended: Promise<Ending>;
  signal(name: 'INT' | 'TERM'): void;
  /** Lets go: the command gets its last signal. */
  release(): void;
}

// The reader is a process of its own, so that it also outlives the death of the shell; a shell gives what it starts in
// the background /dev/null for stdin, therefore descriptor 3. A command that somebody stopped heeds no signal but CONT.
const SCRIPT = `
exec 3<&0 </dev/null
last=$1; shift
"$@" 3<&- & child=$!
(while read -r signal <&3; do kill -"$signal" $child; done; kill -"$last" $child; kill -CONT $child) 2>/dev/null & reader=$!
exec 3<&-
trap 'kill -"$last" $child' TERM INT HUP
while wait $child; code=$?; kill -0 $child 2>/dev/null; do :; done
kill $reader 2>/dev/null
exit $code`;

export interface SpawnOptions {
  readonly env: Readonly<Record<string, string>>;
  /** The last signal. A shell lets its background commands ignore QUIT: only for those that have a handler. */
  readonly last: 'TERM' | 'QUIT';
  readonly onOutput: (chunk: string) => void;
  /** An open file that gets what it prints to stderr, in the place of `onOutput`: nobody in between can hold it up. */
  readonly stderr?: number | undefined;
  /** Open files that the command gets: `pathOfHeld`. */
  readonly held?: readonly number[] | undefined;
}

/** Where the command finds the nth file that it is given open. Linux only. */
export function pathOfHeld(n: number): string {
  return `/proc/self/fd/${FIRST_HELD + n}`;
}

/** After the standard ones, and the one of which the shell reads. */
const FIRST_HELD = 4;

/** Spawns `command` as Postgres's user in a session of its own, tied to this process. */
export function spawnWithParent(command: readonly string[], options: SpawnOptions): BoundChild {
  const { env, last, onOutput, stderr = 'pipe', held = [] } = options;
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'sh', last, ...command], {
    ...postgresUser(),
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...runMark(), ...env },
    stdio: ['pipe', 'pipe', stderr, 'ignore', ...held],
  });
  child.stdin?.on('error', () => {}); // EPIPE: it ended before it heard
  child.stdout?.setEncoding('utf8').on('data', onOutput);
  child.stderr?.setEncoding('utf8').on('data', onOutput);
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', (error) => resolve({ code: null, title: error.message }));
    // "exit" may come before the last output; "close" waits for it, but also for whatever still holds the pipe.
    child.once('exit', (code, signal) => setTimeout(settle, 100, code, signal));
    child.once('close', settle);
    function settle(code: number | null, signal: string | null): void {
      resolve({ code, title: signal ? `signal ${signal}` : `exit code ${code}` });
    }
  });
  return {
    pid: child.pid,
    ended,
    signal: (name) => void child.stdin?.write(`${name}\n`),
    release: () => void child.stdin?.end(),
  };
}
