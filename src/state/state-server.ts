// Gives the state to other processes of this user: over a socket in the run's folder, first as it is, then event by event.
import { createServer, type Server, type Socket } from 'node:net';
import type { StampedEvent } from '../events.ts';
import { sendMessage } from '../json-lines.ts';
import { within } from '../wait.ts';
import type { RunState } from './run-state.ts';
import type { StateStore } from './state-store.ts';

/** The socket's name, in the run's folder. */
export const STATE_SOCKET = 'state.sock';

export type StateMessage =
  | { readonly type: 'state'; readonly state: RunState }
  | { readonly type: 'event'; readonly event: StampedEvent };

/** Bytes that may wait for a viewer. One that does not read is let go: the runner's memory is not its buffer. */
const MOST_WAITING = 4 * 2 ** 20;

/** Milliseconds for viewers to read the rest. One that is stopped (Ctrl-Z) must not hold up the end of the run. */
const END_TIMEOUT_MS = 1_000;

/** Listens on `path`. Resolves with the function that ends it. */
export async function serveState(store: StateStore, path: string): Promise<() => Promise<void>> {
  const viewers = new Set<Socket>();
  const server = createServer((viewer) => {
    viewer.unref();
    viewers.add(viewer);
    viewer.on('error', () => {}); // 'close' follows
    viewer.once('close', () => viewers.delete(viewer));
    const first: StateMessage = { type: 'state', state: store.state };
    sendMessage(viewer, first);
  }).unref();
  const unsubscribe = store.subscribe((_, event) => {
    const next: StateMessage = { type: 'event', event };
    for (const viewer of viewers) {
      sendMessage(viewer, next);
      if (viewer.writableLength > MOST_WAITING) viewer.destroy();
    }
  });
  await listen(server, path);
  return async () => {
    unsubscribe();
    for (const viewer of viewers) viewer.end();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await within(END_TIMEOUT_MS, 'viewers of the state', () => closed).catch(() => {
      for (const viewer of viewers) viewer.destroy();
    });
    await closed;
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
