// PORT_TAKEN: a server's port is another process's, before the server is started or when something answers for it.
import { setTimeout as delay } from 'node:timers/promises';
import { StacksError } from '../errors.ts';
import { type Listener, listenersOn } from '../process/listeners.ts';
import { commandLineOf } from '../process/processes.ts';

/** Milliseconds that a server which we have just ended may take to let go of its port. */
const PORT_FREED_TIMEOUT_MS = 1_000;

/** Throws PORT_TAKEN if something listens on `port`. `server` is how messages name it: `server "web" of slot 2`. */
export async function assertPortFree(port: number, server: string): Promise<void> {
  const deadline = Date.now() + PORT_FREED_TIMEOUT_MS;
  for (;;) {
    const [listener] = listenersOn(port);
    if (!listener) return;
    if (Date.now() >= deadline) {
      throw new StacksError('PORT_TAKEN', `port ${port} of ${server} is taken by another process.`, {
        facts: { holder: holderOf(listener) },
        hint: holderHint(listener),
      });
    }
    await delay(25);
  }
}

/** "node other.js  (pid 4711)" */
export function holderOf({ pid }: Listener): string {
  if (pid === undefined) return 'a process of another user';
  return `${commandLineOf(pid) ?? 'unknown command'}  (pid ${pid})`;
}

/** What to do about a holder. */
export function holderHint({ pid }: Listener): string {
  const end = pid === undefined ? 'end that process' : `end that process (\`kill ${pid}\`)`;
  return `${end}, or write {port} in place of a fixed port in \`server.command\` and \`server.url\`.`;
}
