// PORT_TAKEN: a server's port is another process's, before the server is started or when something answers for it.
import { StacksError } from '../errors.ts';
import { type Listener, listenersOn } from '../process/listeners.ts';
import { commandLineOf } from '../process/processes.ts';
import { poll } from '../wait.ts';

/** Milliseconds that a server which we have just ended may take to let go of its port. */
const PORT_FREED_TIMEOUT_MS = 1_000;

/** Throws PORT_TAKEN if something listens on `port`. `server` is how messages name it: `server "web" of slot 2`. */
export async function assertPortFree(port: number, server: string): Promise<void> {
  let listener: Listener | undefined;
  const isFree = () => {
    [listener] = listenersOn(port);
    return listener ? undefined : true;
  };
  if (await poll(isFree, { timeout: PORT_FREED_TIMEOUT_MS, interval: 25 })) return;
  throw new StacksError('PORT_TAKEN', `port ${port} of ${server} is taken by another process.`, {
    ...(listener && { facts: { holder: holderOf(listener) }, hint: holderHint(listener) }),
  });
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
