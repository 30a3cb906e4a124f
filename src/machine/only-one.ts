// What makes a process the only one of its kind, for as long as it lives: the kernel frees it, so nothing is ever stale.
import { closeSync, constants, openSync } from 'node:fs';
import { createServer } from 'node:net';

/** Lets another process be the only one. */
export type StepBack = () => Promise<void>;

/** @param path in a folder of this user's, of which nothing is made on Linux. Undefined: another process is the only one */
export async function becomeOnly(path: string): Promise<StepBack | undefined> {
  if (process.platform === 'darwin') return openExclusively(`${path}.lock`);
  const server = createServer().unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    const stepBack = () => new Promise<void>((closed) => server.close(() => closed()));
    // A name of Linux's abstract namespace: no file.
    server.listen(`\0${path}`, () => resolve(stepBack));
  });
}

/** open(2) of macOS: O_EXLOCK, which goes with the process. */
function openExclusively(path: string): StepBack | undefined {
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK | 0x20;
    const file = openSync(path, flags, 0o600);
    return async () => closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
