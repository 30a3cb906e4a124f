// One Postgres process: spawned, watched until it is ready, stopped.
import { StacksError } from '../../errors.ts';
import { openLog } from '../../log-file.ts';
import { within } from '../../wait.ts';
import type { Runnable } from './runnable-binaries.ts';
import { type BoundChild, type Ending, spawnWithParent } from './spawn-with-parent.ts';

export interface PostgresOptions {
  readonly runnable: Runnable;
  readonly data: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly port: number;
  /** Its output is appended to this file. */
  readonly log: string;
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
const READY = 'database system is ready to accept connections';

/** Resolves when it accepts connections. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresProcess> {
  const { runnable, data, settings, log, signal, note } = options;
  signal.throwIfAborted();
  const output = openLog(log);
  let text = '';
  let sawReady: () => void;
  const ready = new Promise<void>((resolve) => {
    sawReady = resolve;
  });
  const arguments_ = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const onOutput = (chunk: string): void => {
    output.write(chunk);
    text = (text + chunk).slice(-8_000);
    if (text.includes(READY)) sawReady();
  };
  const command = [runnable.postgres, '-D', data, ...arguments_];
  const child = spawnWithParent(command, { env: runnable.env, last: 'QUIT', onOutput });
  const noteGone = child.pid === undefined ? undefined : note?.(child.pid, 'Postgres');
  const postgres: PostgresProcess = {
    ended: child.ended.finally(() => {
      output.close();
      noteGone?.();
    }),
    tail: () => text.trimEnd().split('\n').slice(-20),
    stop: (how) => stop(child, how),
  };
  try {
    await within(START_TIMEOUT, 'Postgres to accept connections', () => untilReady(ready, postgres, signal));
    return postgres;
  } catch (error) {
    await postgres.stop('at once');
    signal.throwIfAborted();
    throw failed(options, error, postgres.tail());
  }
}

/** Readiness, death and abort, whichever is first. */
async function untilReady(ready: Promise<void>, postgres: PostgresProcess, signal: AbortSignal): Promise<void> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  const died = postgres.ended.then(({ title }) => Promise.reject(new Error(`it ended with ${title}`)));
  try {
    await Promise.race([ready, died, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    died.catch(() => {}); // it will end one day
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
