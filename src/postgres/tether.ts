// Processes that end with us, also when we are SIGKILLed: a shell between holds the read end of a pipe of ours.
// Protocol on that pipe: a line is a signal to send to the command; end of file is SIGQUIT.
import { type ChildProcess, spawn } from 'node:child_process';
import { postgresUser } from './postgres-user.ts';

/** How a tethered command ended: `code 1`, `signal SIGKILL`. */
export interface Ending {
  readonly code: number | null;
  readonly title: string;
}

export interface Tethered {
  readonly pid: number | undefined;
  /** Resolves when the command has ended; never rejects. */
  readonly ended: Promise<Ending>;
  signal(name: 'INT' | 'QUIT'): void;
  /** Lets go: the command is ended. */
  release(): void;
}

// The reader is a process of its own, so that it also outlives the death of the shell; a shell gives what it starts in
// the background /dev/null for stdin, therefore descriptor 3.
const SCRIPT = `
exec 3<&0 </dev/null
"$@" 3<&- & child=$!
(while read -r signal <&3; do kill -"$signal" $child; done; kill -QUIT $child) 2>/dev/null & reader=$!
exec 3<&-
trap 'kill -QUIT $child' TERM INT HUP
while wait $child; code=$?; kill -0 $child 2>/dev/null; do :; done
kill $reader 2>/dev/null
exit $code`;

/** Spawns `command` as Postgres's user in a session of its own, tied to this process. */
export function spawnTethered(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  onOutput: (chunk: string) => void,
): Tethered {
  const child: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'sh', ...command], {
    ...postgresUser(),
    cwd: '/',
    detached: true,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
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
