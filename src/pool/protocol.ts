// The lease protocol: lines of JSON over the run's Unix socket. A connection is a lease; when it closes, the stack is
// free. `lease` and `group` are answered once each; `test` is told and not answered.
import type { Socket } from 'node:net';
import type { StackInfo } from './run-file.ts';

export type Request =
  /** First: which stack. Answered when it is open and fresh. */
  | { readonly type: 'lease'; readonly slot: number; readonly variant: string; readonly worker: number }
  /** The worker begins another group of tests: answered when the stack is fresh again. */
  | { readonly type: 'group' }
  | { readonly type: 'test'; readonly phase: 'began' | 'ended'; readonly title: string };

export type Answer =
  | { readonly type: 'ready'; readonly stack: StackInfo }
  /** This test fails with the error: it is the first to meet it. */
  | { readonly type: 'failed'; readonly message: string }
  /** The run is broken, and a test has already failed for it. */
  | { readonly type: 'skip'; readonly reason: string };

/** Begins the reason of every skip of ours. */
export const SKIPPED = 'playwright-stacks: ';

/** Calls `receive` with each message that arrives on `socket`. */
export function onMessage<T>(socket: Socket, receive: (message: T) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(JSON.parse(line));
  });
}

export function send(socket: Socket, message: Request | Answer): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
