// Runs a step of the user's (`build`, `database.migrate`, …): a shell command, or a function called here.
import { relative } from 'node:path';
import type { Task, TaskContext } from '../config/resolved.ts';
import { messageOf, StacksError } from '../errors.ts';
import { rememberEnvironment } from '../text/known-secrets.ts';
import { childEnv } from './child-env.ts';
import type { Members } from './end-group.ts';
import { ended, shellHint } from './exit.ts';
import { keepTail, type OutputTail } from './output.ts';
import { type Exit, type GroupNote, spawnGroup } from './process-group.ts';
import { listProcesses } from './processes.ts';

export interface TaskOptions {
  /** The option as the user wrote it: `build`, `database.migrate`, `database.seed`, `database.prepare`. */
  readonly title: string;
  /** A function's argument; its `env` is added to a command's environment. */
  readonly context: TaskContext;
  readonly cwd: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  readonly noteGroup?: GroupNote | undefined;
  /** Called with what lists the processes that do the work, when they begin; what it returns when they have ended. */
  readonly watch?: ((members: Members) => () => void) | undefined;
  /** Called with what a command prints; a function prints to the terminal itself. */
  readonly onOutput?: OutputTail['push'] | undefined;
}

/** Settles when the step is done. A failure is COMMAND_FAILED; an abort ends it and rejects with the abort's reason. */
export async function runTask(task: Task, options: TaskOptions): Promise<void> {
  options.signal.throwIfAborted();
  rememberEnvironment(options.context.env);
  if (task.kind === 'command') await runCommand(task.command, options);
  else await callFunction(task.run, options);
}

type Outcome = Exit | 'timedOut' | 'aborted';

async function runCommand(command: string, options: TaskOptions): Promise<void> {
  const { title, context, cwd, signal, noteGroup } = options;
  const began = Date.now();
  const tail = keepTail();
  const fail = (what: string, hint: string, cause?: unknown): StacksError =>
    new StacksError('COMMAND_FAILED', `\`${title}\` ${what}.`, {
      facts: {
        command: `${command}  (cwd ${relative(process.cwd(), cwd) || '.'})`,
        duration: `${Date.now() - began} ms`,
      },
      output: tail.lines(),
      hint,
      cause,
    });

  const group = await spawnGroup({
    command,
    cwd,
    env: childEnv(context.env, { title }),
    onOutput(stream, text) {
      tail.push(stream, text);
      options.onOutput?.(stream, text);
    },
    note: noteGroup && ((pid) => noteGroup(pid, title)),
  }).catch((error) => {
    throw fail(`could not be started: ${messageOf(error)}`, 'create the folder, or move the config.', error);
  });
  const endWatch = options.watch?.(group.members);
  const outcome: Outcome = await interruptible(group.exited, options);
  endWatch?.();
  // Also after success: what a migration leaves in the background would go on writing to the database.
  await group.end({ signal: 'SIGTERM', timeout: 2_000 });
  await group.drained;
  if (outcome === 'aborted') throw signal.reason;
  if (outcome === 'timedOut') throw fail(`did not end within ${options.timeout} ms`, timeoutHint(title));
  if (outcome.code !== 0) throw fail(ended(outcome), shellHint(outcome, title) ?? byHand(title, context));
}

async function callFunction(run: (context: TaskContext) => unknown, options: TaskOptions): Promise<void> {
  const { title, context, signal } = options;
  const began = Date.now();
  const endWatch = options.watch?.(() => listProcesses().filter(({ pid }) => pid === process.pid));
  // `async`, so that a function that throws at once is treated like one that rejects.
  const work = (async () => run(context))().then(
    () => ({ code: 0, signal: undefined }),
    (error: unknown) => {
      throw new StacksError('COMMAND_FAILED', `\`${title}\` threw: ${messageOf(error)}`, {
        facts: { 'thrown at': frameOf(error), duration: `${Date.now() - began} ms` },
        hint: `correct the function that \`${title}\` is.`,
        cause: error,
      });
    },
  );
  const outcome = await interruptible<Exit>(work, options).finally(() => endWatch?.());
  if (outcome === 'aborted') throw signal.reason;
  if (outcome === 'timedOut') {
    throw new StacksError('COMMAND_FAILED', `\`${title}\` did not end within ${options.timeout} ms.`, {
      hint: timeoutHint(title),
    });
  }
}

async function interruptible<T>(
  work: Promise<T>,
  { timeout, signal }: TaskOptions,
): Promise<T | 'timedOut' | 'aborted'> {
  let timer: NodeJS.Timeout | undefined;
  const done = new AbortController();
  try {
    return await Promise.race([
      work,
      new Promise<'timedOut'>((resolve) => {
        timer = setTimeout(resolve, timeout, 'timedOut');
      }),
      new Promise<'aborted'>((resolve) => {
        if (signal.aborted) resolve('aborted');
        signal.addEventListener('abort', () => resolve('aborted'), { signal: done.signal });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    done.abort();
  }
}

/** By hand it would find the developer's database. */
function byHand(title: string, { url }: TaskContext): string {
  const database =
    url === '' ? '' : ', with DATABASE_URL set to an empty database: without, it is on that of your environment';
  return `run the command by hand in that folder${database}; or correct \`${title}\`.`;
}

function timeoutHint(title: string): string {
  const option = title === 'build' ? 'buildTimeout' : 'database.timeout';
  return `raise \`${option}\`, or look why \`${title}\` waits: it gets no input.`;
}

/** Where the user's code threw. */
function frameOf(error: unknown): string | undefined {
  const { message = '', stack = '' } = error instanceof Error ? error : {};
  // Lines of the message may look like frames.
  const frames = stack.slice(stack.indexOf(message) + message.length).split('\n');
  const frame = frames.find((line) => /^\s+at /.test(line) && !/node:|node_modules/.test(line));
  return frame?.trim().replace(/^at /, '');
}
