// Runs a short command (initdb, cp) as Postgres's user to its end.
import { StacksError } from '../../errors.ts';
import { within } from '../../wait.ts';
import { spawnWithParent } from './spawn-with-parent.ts';

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Open folders that the command may use as `pathOfHeld`. */
  readonly held?: readonly number[];
  /** Milliseconds; default 60,000. */
  readonly timeout?: number;
}

/** Characters of output that are kept: its last. */
const MOST_OUTPUT = 64_000;

/** Resolves with its output; throws POSTGRES_FAILED when it fails or is late, the signal's reason when aborted. */
export async function runTool(command: readonly string[], options: ToolOptions): Promise<string> {
  const { env = {}, signal, held, timeout = 60_000 } = options;
  signal.throwIfAborted();
  let output = '';
  const onOutput = (chunk: string): void => {
    output = (output + chunk).slice(-MOST_OUTPUT);
  };
  const tool = spawnWithParent(command, { env, last: 'TERM', onOutput, held });
  signal.addEventListener('abort', tool.release, { once: true });
  try {
    const { code, title } = await within(timeout, command[0] ?? '', () => tool.ended);
    signal.throwIfAborted();
    if (code === 0) return output;
    throw new StacksError('POSTGRES_FAILED', `\`${command[0]}\` ended with ${title}.`, {
      facts: { command: command.join(' ') },
      output: output.trimEnd().split('\n').slice(-20),
      hint: 'set `database.url` to use a server of your own.',
    });
  } finally {
    signal.removeEventListener('abort', tool.release);
    tool.release();
  }
}
