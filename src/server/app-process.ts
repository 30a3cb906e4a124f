// Which process of a server is the application: npm, npx and shells stand before it.
import { listenersOn } from '../process/listeners.ts';
import type { AppServer } from './app-server.ts';

/** The one that listens on the server's port; of a server that does not, the one that was started last. */
export function appProcess({ pid, port, members }: Pick<AppServer, 'pid' | 'port' | 'members'>): number {
  const pids = members().map((each) => each.pid);
  const listening = listenersOn(port, new Set(pids)).flatMap((each) => each.pid ?? []);
  return listening.find((each) => pids.includes(each)) ?? pids.at(-1) ?? pid;
}
