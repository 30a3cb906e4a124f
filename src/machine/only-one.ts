// What makes a process the only one of its kind, for as long as it lives: the kernel frees it, so nothing is ever stale.
import { closeSync, constants, openSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';

/** Of such a name: Node 20 fills it up with zeros, which later versions do not, and they count. */
const LENGTH = 108;

/** Lets another process be the only one. */
export type StepBack = () => Promise<void>;

/** @param path in a folder of this user's, of which nothing is made on Linux. Undefined: another process is the only one */
export async function becomeOnly(path: string): Promise<StepBack | undefined> {
  if (process.platform === 'darwin') return openExclusively(`${path}.lock`);
  // Other users may connect to such a name: an open connection would hold up the end, of whoever connects.
  const server = createServer((socket) => socket.destroy()).unref();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    const stepBack = () => new Promise<void>((closed) => server.close(() => closed()));
    // A name of Linux's abstract namespace: no file.
    server.listen(`\0${path}@${filesystemOf(path)}`.padEnd(LENGTH, '.'), () => {
      server.on('error', () => {}); // of a connection that could not be taken
      resolve(stepBack);
    });
  });
}

/** Containers and services may share the network, and so such names, but not /tmp: who is at `path` there is another one. */
function filesystemOf(path: string): string {
  const stats = statSync(dirname(dirname(path)), { throwIfNoEntry: false });
  return stats ? `${stats.dev.toString(36)}.${stats.ino.toString(36)}` : '';
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
