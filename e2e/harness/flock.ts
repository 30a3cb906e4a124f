// A lock on a file that the kernel frees when its holder dies: flock(1) waits for it, a pipe from us keeps it.
import { spawn } from 'node:child_process';

/** Frees the lock. */
export type Release = () => Promise<void>;

/**
 * Takes the lock on `file`, which is created when missing.
 * @param mode shared holders tolerate each other
 * @param timeout milliseconds; 0 tries once. Resolves to undefined when it was not to be had.
 */
export async function flock(file: string, mode: 'shared' | 'exclusive', timeout: number): Promise<Release | undefined> {
  const wait = timeout === 0 ? ['--nonblock'] : ['--wait', String(timeout / 1000)];
  const hold = ['sh', '-c', 'echo held; read _ || :'];
  const child = spawn('flock', [`--${mode}`, ...wait, file, ...hold], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  const held = new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true));
    ended.then(
      () => resolve(false),
      () => resolve(false),
    );
  });
  if (!(await held)) {
    await ended;
    return undefined;
  }
  return async () => {
    child.stdin.end();
    await ended;
  };
}
