// What a command is connected to while it runs: looked at again and again, seldom enough to cost a tenth of one processor.
import { type Connection, connectionsOf } from './connections.ts';
import type { ProcessEntry } from './processes.ts';

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** Calls `onLook` with those that are there; returns the function that ends it, after a last look. */
export function watchConnections(
  members: () => readonly ProcessEntry[],
  onLook: (connections: readonly Connection[]) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => onLook(connectionsOf(members()));
  const again = (): void => {
    const began = performance.now();
    look();
    const pause = Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, 9 * (performance.now() - began)));
    timer = setTimeout(again, pause).unref();
  };
  timer = setTimeout(again, SHORTEST_PAUSE_MS).unref();
  return () => {
    clearTimeout(timer);
    look();
  };
}
