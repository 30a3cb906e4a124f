// A process that serves the application for one slot: started, ready, and ended with all that it started.
import { messageOf, StacksError } from '../errors.ts';
import { childEnv } from '../process/child-env.ts';
import type { Connection } from '../process/connections.ts';
import type { Ending } from '../process/end-group.ts';
import { ownerOf, portsOf } from '../process/listeners.ts';
import type { OutputTail } from '../process/output.ts';
import { type Exit, type GroupNote, type ProcessGroup, spawnGroup } from '../process/process-group.ts';
import type { ProcessEntry } from '../process/processes.ts';
import { type AppServerSpec, serverTitle } from './app-server-spec.ts';
import { assertPortFree } from './port-taken.ts';
import { type Readiness, untilReady, watchedPort } from './ready.ts';
import { startError } from './server-errors.ts';
import { openOutput, type ServerOutput } from './server-output.ts';
import { type OutputWatch, watchOutput } from './wait-output.ts';

/** `crashed`: it ended by itself, whatever the code; `stopped`: by `stop()`; `killed`: by `stop()`, with SIGKILL. */
interface ExitReport extends Exit {
  readonly how: 'crashed' | 'stopped' | 'killed';
}

export interface AppServer {
  readonly name: string;
  /** Of the shell; also the id of its process group. */
  readonly pid: number;
  readonly port: number;
  readonly logFile: string;
  /** The named groups of `wait`'s match, under upper-case names as in Playwright. */
  readonly captured: Readonly<Record<string, string>>;
  /** Settles when it has ended; never rejects. */
  readonly exited: Promise<ExitReport>;
  isAlive(): boolean;
  /** The processes of it that run. */
  members(): readonly ProcessEntry[];
  /** The last lines that it printed. */
  tail(): readonly string[];
  /** Where it reaches Postgres through a gate: its connections as Postgres sees them. */
  readonly asSeenByPostgres?: (connections: readonly Connection[]) => Promise<readonly Connection[]>;
  /** Ends it and all that it started, once, however often it is called; says what that took. */
  stop(): Promise<Ending>;
}

/** What Playwright's `webServer` gives a command unless the runner's own environment says otherwise. */
const PLAYWRIGHT_DEFAULTS = { BROWSER: 'none', FORCE_COLOR: '1', DEBUG_COLORS: '1' };

interface BeginOptions {
  readonly signal: AbortSignal;
  readonly noteGroup?: GroupNote | undefined;
  /** Called with what it prints, as long as it runs. */
  readonly onOutput?: OutputTail['push'] | undefined;
  /** Where its output goes. @default the log file and the terminal */
  readonly output?: ServerOutput | undefined;
}

interface ReadyOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. */
  readonly interval?: ((elapsed: number) => number) | undefined;
}

/** A server that was started, and need not be ready yet. */
export interface StartingServer {
  readonly server: AppServer;
  /** Waits until it is ready. What fails, or an abort, leaves no process. */
  ready(options: ReadyOptions): Promise<AppServer>;
}

/** Starts the server and waits until it is ready. A failed start, or an abort, leaves no process. */
export async function startAppServer(spec: AppServerSpec, options: BeginOptions): Promise<AppServer> {
  return (await beginAppServer(spec, options)).ready(options);
}

/** Starts the server. */
export async function beginAppServer(
  spec: AppServerSpec,
  { signal, noteGroup, onOutput, output: given }: BeginOptions,
): Promise<StartingServer> {
  const url = spec.url === undefined ? undefined : new URL(spec.url);
  const watched = watchedPort(url, spec.port) ?? spec.port;
  try {
    for (const port of new Set([spec.port, watched])) {
      await assertPortFree(port, serverTitle(spec));
    }
    signal.throwIfAborted();
  } catch (error) {
    given?.close();
    throw error;
  }
  const output = given ?? openOutput(spec);
  const began = Date.now();
  const watch = spec.wait?.stdout || spec.wait?.stderr ? watchOutput(spec.wait) : undefined;
  const group = await spawn(spec, output, watch, { noteGroup, onOutput });
  const server = manage(spec, group, output, watch);
  const ready = async (options: ReadyOptions): Promise<AppServer> => {
    try {
      const readiness = await untilReady(group, {
        url,
        port: watch || spec.readyBy === 'nothing' ? undefined : spec.port,
        ignoreHTTPSErrors: spec.ignoreHTTPSErrors,
        output: watch?.matched,
        timeout: spec.timeout,
        ...options,
      });
      if (readiness.kind === 'ready') {
        group.members(); // Remembers what it has detached: should it crash, that could not be found any more.
        return server;
      }
      throw await explain(readiness, { spec, group, output, watched, began });
    } catch (error) {
      await server.stop();
      throw error;
    }
  };
  return { server, ready };
}

async function spawn(
  spec: AppServerSpec,
  output: ServerOutput,
  watch: OutputWatch | undefined,
  { noteGroup, onOutput }: Pick<BeginOptions, 'noteGroup' | 'onOutput'>,
): Promise<ProcessGroup> {
  try {
    return await spawnGroup({
      command: spec.command,
      cwd: spec.cwd,
      env: childEnv(spec.env, { defaults: PLAYWRIGHT_DEFAULTS, title: `server "${spec.name}"` }),
      note: noteGroup && ((pid) => noteGroup(pid, serverTitle(spec))),
      onOutput(stream, text) {
        output.push(stream, text);
        watch?.push(stream, text);
        onOutput?.(stream, text);
      },
    });
  } catch (error) {
    output.close();
    throw new StacksError('SERVER_EXITED', `${serverTitle(spec)} could not be started: ${messageOf(error)}.`, {
      facts: { command: spec.command },
      hint: 'let `server.cwd` be a folder that exists.',
      cause: error,
    });
  }
}

function manage(
  spec: AppServerSpec,
  group: ProcessGroup,
  output: ServerOutput,
  watch: OutputWatch | undefined,
): AppServer {
  let stopping: Promise<Ending> | undefined;
  let shell: 'running' | 'ended' = 'running';
  const stop = async (): Promise<Ending> => {
    const ending = await group.end(spec.gracefulShutdown);
    await group.drained;
    output.close();
    return ending;
  };
  const exited = group.exited.then(async (exit): Promise<ExitReport> => {
    shell = 'ended';
    if (!stopping) return { how: 'crashed', ...exit };
    const ending = await stopping.catch((): Ending => 'forced');
    return { how: ending === 'forced' ? 'killed' : 'stopped', ...exit };
  });
  return {
    name: spec.name,
    pid: group.pid,
    port: spec.port,
    logFile: spec.logFile,
    captured: watch?.captured ?? {},
    exited,
    isAlive: () => shell === 'running',
    members: () => group.members(),
    tail: () => output.tail(),
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

interface Start {
  readonly spec: AppServerSpec;
  readonly group: ProcessGroup;
  readonly output: ServerOutput;
  readonly watched: number;
  readonly began: number;
}

/** Looks before anything is ended: afterwards nobody knows what it listened on. */
async function explain(
  readiness: Exclude<Readiness, { kind: 'ready' }>,
  { spec, group, output, watched, began }: Start,
): Promise<StacksError> {
  const ms = Date.now() - began;
  const ports = portsOf(group.members());
  let reason = readiness;
  if (readiness.kind === 'exited') {
    await group.drained;
    // It most likely ended because it found its port taken in the meantime.
    const owner = ownerOf(watched, group.members());
    if (owner.kind === 'stranger') reason = owner;
  }
  return startError(reason, { spec, pid: group.pid, watched, ports, output: output.tail(), ms });
}
