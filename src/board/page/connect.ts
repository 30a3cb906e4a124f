// Follows the run, and comes back by itself. A page that nobody sees lets go: a browser has six connections for one host.
import type { BoardMessage } from '../board-model.ts';
import { connection, isMoving, lost, now, receive } from './store.ts';

/** Milliseconds between two tries. */
const RETRY_INTERVAL_MS = 1_000;
const CLOCK_INTERVAL_MS = 500;

export function connect(): void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    clearTimeout(timer);
    source?.close();
    if (connection.peek() === 'over' || document.visibilityState === 'hidden') return;
    source = new EventSource('events');
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const message: BoardMessage = JSON.parse(data);
      receive(message);
      if (message.type === 'end') source?.close();
    };
    source.onerror = () => {
      source?.close();
      if (connection.peek() === 'over') return;
      lost();
      timer = setTimeout(open, RETRY_INTERVAL_MS);
    };
  };
  document.addEventListener('visibilitychange', open);
  setInterval(() => {
    if (isMoving.peek()) now.value = Date.now();
  }, CLOCK_INTERVAL_MS);
  open();
}
