// The lock service of this user, which all runs on the machine share.
import { lockFolder, lockSocket } from '../../src/locks/lock-folder.ts';
import { unixSockets } from './sockets.ts';

/** `idle`: it runs, and nobody is connected to it. It waits a moment for its first connection, and for no later one. */
export function lockService(): 'none' | 'used' | 'idle' {
  const path = lockSocket(lockFolder());
  // The one that listens, and one for each connection.
  const sockets = unixSockets().filter(({ address }) => address === path);
  if (sockets.length === 0) return 'none';
  return sockets.length === 1 ? 'idle' : 'used';
}
