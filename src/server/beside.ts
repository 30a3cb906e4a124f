// A command that runs beside an app server: a profiler, `strace`, a proxy for a debugger. Started when the server is ready,
// ended before it, so that it can still write what it has seen.
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { openLog } from '../log-file.ts';
import { childEnv } from '../process/child-env.ts';
import { keepTail } from '../process/output.ts';
import { type GroupNote, spawnGroup } from '../process/process-group.ts';
import { appProcess } from './app-process.ts';
import type { AppServer } from './app-server.ts';
import type { AppServerSpec } from './app-server-spec.ts';
import { fillPlaceholders, type PlaceholderValues } from './placeholders.ts';

export interface BesideSpec extends Pick<AppServerSpec, 'cwd' | 'env'> {
  /** Whose it is, for messages: `server "web" of slot 2`. */
  readonly title: string;
  readonly command: string;
  readonly slot: number;
  readonly ports: PlaceholderValues;
  /** Absolute: the file that it may write, and with an ending the file of what it prints. */
  readonly output: string;
}

export interface Beside {
  /** Settles when it has ended, with or before its server. `failure`: why it ended by itself, if that was not meant. */
  readonly ended: Promise<{ readonly failure: string | undefined; readonly files: readonly string[] }>;
  /** Ends it and all that it started, once. Never rejects. */
  end(): Promise<void>;
}

/** Ctrl-C's: what profilers and `strace` write their output at. */
const SIGNAL = 'SIGINT';
/** Milliseconds that it may take to write what it has. */
export const BESIDE_TIMEOUT_MS = 10_000;
/** Milliseconds after its end within which its server's end explains it. */
const SERVER_ENDS_MS = 500;

/** Rejects if it cannot be started. */
export async function startBeside(spec: BesideSpec, server: AppServer, noteGroup: GroupNote): Promise<Beside> {
  const log = openLog(`${spec.output}.log`);
  const tail = keepTail();
  const command = besideCommand(spec, appProcess(server));
  const group = await spawnGroup({
    command,
    cwd: spec.cwd,
    env: childEnv(spec.env),
    note: (pid) => noteGroup(pid, `beside ${spec.title}`),
    onOutput(stream, text) {
      log.write(text);
      tail.push(stream, text);
    },
  }).catch((error) => {
    log.close();
    throw error;
  });

  let why: 'itself' | 'stopped' = 'itself';
  let stopping: Promise<string | undefined> | undefined;
  const stop = async (): Promise<string | undefined> => {
    const failure = await group.end({ signal: SIGNAL, timeout: BESIDE_TIMEOUT_MS }).then(() => undefined, messageOf);
    await group.drained;
    log.close();
    return failure;
  };
  const end = (how: typeof why): Promise<string | undefined> => {
    if (!stopping) why = how;
    stopping ??= stop();
    return stopping;
  };
  void server.exited.then(() => end('stopped'));
  const ended = group.exited.then(async ({ code, signal }) => {
    if (code !== 0) await Promise.race([server.exited, delay(SERVER_ENDS_MS, undefined, { ref: false })]);
    const left = await end('itself'); // what it has started may still run
    const how = signal ? `it ended with signal ${signal}` : `it ended with exit code ${code}`;
    const failure = why === 'itself' && code !== 0 ? [`${how}:`, ...tail.lines()].join('\n  | ') : left;
    return { failure, files: filesOf(spec.output) };
  });
  return { ended, end: () => end('stopped').then(() => {}) };
}

function besideCommand({ command, title, slot, ports, output }: BesideSpec, pid: number): string {
  const own: Readonly<Record<string, string>> = { pid: String(pid), slot: String(slot), output };
  const filled = fillPlaceholders(command, `beside of ${title}`, ports);
  // `${pid}` is the shell's.
  return filled.replace(/(?<!\$)\{(\w+)\}/g, (all, name: string) => own[name] ?? all);
}

/** What it wrote to `{output}`, to that with an ending (`{output}.svg`), and what it printed. */
function filesOf(output: string): string[] {
  const name = basename(output);
  const found = readdirSync(dirname(output), { withFileTypes: true }).filter(
    (each) => each.isFile() && (each.name === name || each.name.startsWith(`${name}.`)),
  );
  return found.map((each) => join(dirname(output), each.name)).sort();
}
