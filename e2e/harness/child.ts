// A child process with its output collected and its end known.
import { type SpawnOptions, spawn } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** `performance.now()` of the exit. */
  readonly at: number;
}

export interface Child {
  readonly pid: number;
  /** Both streams in the order in which they came, without colours. */
  readonly output: () => string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: () => boolean;
  readonly exit: Promise<Exit>;
}

// A grandchild that outlives the child may hold its streams open: they are not waited for any longer.
const GRACE_FOR_OUTPUT = 500;

/** Starts `args[0]` in a process group of its own; rejects when that is impossible. */
export async function startChild(args: readonly string[], options: SpawnOptions, input?: string): Promise<Child> {
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const [program = '', ...rest] = args;
  const child = spawn(program, rest, { ...options, detached: true, stdio: [stdin, 'pipe', 'pipe'] });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  child.stdin?.end(input);
  const chunks: { readonly from: 'stdout' | 'stderr'; readonly text: string }[] = [];
  for (const from of ['stdout', 'stderr'] as const) {
    child[from]?.setEncoding('utf8').on('data', (text: string) => chunks.push({ from, text }));
  }
  const text = (from?: 'stdout' | 'stderr') => {
    const chosen = chunks.filter((chunk) => from === undefined || chunk.from === from);
    return stripVTControlCharacters(chosen.map((chunk) => chunk.text).join(''));
  };
  let ended = false;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exit = new Promise<Exit>((resolve) => {
    child.once('exit', async (exitCode, signal) => {
      const at = performance.now();
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([closed, new Promise((late) => (timer = setTimeout(late, GRACE_FOR_OUTPUT)))]);
      clearTimeout(timer);
      child.stdout?.destroy();
      child.stderr?.destroy();
      ended = true;
      resolve({ exitCode, signal, at });
    });
  });
  return {
    pid: child.pid ?? 0,
    output: () => text(),
    stdout: () => text('stdout'),
    stderr: () => text('stderr'),
    ended: () => ended,
    exit,
  };
}
