// A server that serves on another port than its own: waiting for it to change its mind would take until the deadline.
import { setTimeout as delay } from 'node:timers/promises';
import { portsOf } from '../process/listeners.ts';
import type { ProcessEntry } from '../process/processes.ts';
import { probeUrl } from './probe.ts';

/** Milliseconds that it must have listened there, and not on its own. */
const ELSEWHERE_MS = 5_000;

/**
 * Settles with the other port, and never for one on which nothing answers by HTTP: debuggers and tools have ports, too.
 * @param own the port that it is to listen on
 * @param path what is asked for there
 */
export async function untilElsewhere(
  members: () => readonly ProcessEntry[],
  own: number,
  path: string,
  { signal, after = ELSEWHERE_MS }: { readonly signal: AbortSignal; readonly after?: number },
): Promise<number> {
  const since = new Map<number, number>();
  for (;;) {
    await delay(after / 5, undefined, { signal });
    const ports = portsOf(members());
    for (const port of since.keys()) if (!ports.includes(port)) since.delete(port);
    if (ports.includes(own)) since.clear();
    for (const port of ports) {
      const first = since.get(port) ?? Date.now();
      since.set(port, first);
      if (Date.now() - first < after || ports.includes(own)) continue;
      const { available } = await probeUrl(new URL(path, `http://localhost:${port}`), {
        ignoreHTTPSErrors: true,
        signal: AbortSignal.any([signal, AbortSignal.timeout(1_000)]),
      });
      if (available) return port;
    }
  }
}
