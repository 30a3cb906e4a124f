// One Postgres process: spawned, watched until it is ready, stopped.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StacksError } from '../../errors.ts';
import { poll, within } from '../../wait.ts';
import { openPostgresLog } from './postgres-log.ts';
import type { Runnable } from './runnable-binaries.ts';
import { type BoundChild, type Ending, spawnWithParent } from './spawn-with-parent.ts';

export interface PostgresOptions {
  readonly runnable: Runnable;
  readonly data: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly port: number;
  /** Its output is appended to this file. */
  readonly log: string;
  /** Bytes from which on it begins anew. @default 64 MB */
  readonly fullLog?: number;
  readonly signal: AbortSignal;
  readonly note?: ProcessNote | undefined;
}

/** Told of the leader of a session that was just started; returns what is to be called when it has ended. */
export type ProcessNote = (pid: number, title: string) => () => void;

export interface PostgresProcess {
  readonly ended: Promise<Ending>;
  /** The last lines of its log. */
  tail(): string[];
  /** 'clean' writes everything to the data folder first. */
  stop(how: 'clean' | 'at once'): Promise<void>;
}

const START_TIMEOUT = 30_000;
/** Bytes. */
const FULL_LOG = 64 * 2 ** 20;

/** Resolves when it accepts connections. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresProcess> {
  const { runnable, data, settings, log, signal, note } = options;
  signal.throwIfAborted();
  const output = openPostgresLog(log, options.fullLog ?? FULL_LOG);
  const stale = readStatus(data);
  const arguments_ = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [runnable.postgres, '-D', data, ...arguments_];
  const child = spawnWithParent(command, {
    env: runnable.env,
    last: 'QUIT',
    onOutput: () => {},
    stderr: output.descriptor,
  });
  const noteGone = child.pid === undefined ? undefined : note?.(child.pid, 'Postgres');
  const postgres: PostgresProcess = {
    ended: child.ended.finally(() => {
      output.close();
      noteGone?.();
    }),
    tail: output.tail,
    stop: (how) => stop(child, how),
  };
  try {
    await untilReady(data, stale, postgres, signal);
    return postgres;
  } catch (error) {
    await postgres.stop('at once');
    signal.throwIfAborted();
    throw failed(options, error, postgres.tail());
  }
}

/** Readiness, death and abort, whichever is first. */
async function untilReady(data: string, stale: string, postgres: PostgresProcess, signal: AbortSignal): Promise<void> {
  let ending: Ending | undefined;
  void postgres.ended.then((how) => {
    ending = how;
  });
  const isReady = (): true | undefined => {
    if (ending) throw new Error(`it ended with ${ending.title}`);
    const status = readStatus(data);
    return (status !== stale && /^ready\s*$/m.test(status)) || undefined;
  };
  const found = await poll(isReady, { timeout: START_TIMEOUT, interval: 3, signal });
  if (!found) throw new Error(`it accepted no connections within ${START_TIMEOUT} ms`);
}

/** What the server says of itself, or what one has left that was not stopped: its process, when it began, whether it is ready. */
function readStatus(data: string): string {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8');
  } catch {
    return ''; // there is none yet
  }
}

async function stop(child: BoundChild, how: 'clean' | 'at once'): Promise<void> {
  if (how === 'clean') {
    child.signal('INT');
    await within(30_000, 'Postgres to stop', () => child.ended);
  }
  child.release();
  await within(8_000, 'Postgres to stop at once', () => child.ended);
}

function failed({ port }: PostgresOptions, cause: unknown, output: string[]): StacksError {
  const bound = output.some((line) => /could not bind|Address already in use/.test(line));
  const summary = bound
    ? `the embedded Postgres could not listen on 127.0.0.1:${port}, another process does.`
    : `the embedded Postgres did not start: ${cause instanceof Error ? cause.message : cause}.`;
  return new StacksError('POSTGRES_FAILED', summary, {
    output,
    hint: bound ? 'start the run again: it will choose another port.' : 'set `database.url` to use another server.',
    cause,
  });
}
