// How long a worker waits for its stack.
import type { ResolvedStacks } from '../config/resolved.ts';
import { LONGEST_WAIT_MS } from '../machine/machine-slots.ts';
import { CONNECTIONS_TIMEOUT_MS } from './pool/stack-connections.ts';

/** Whether the run's Postgres is its own. */
export function isEmbedded({ variants }: ResolvedStacks): boolean {
  return [...variants.values()].every(({ database }) => database.url === undefined);
}

/** Longer than the deadlines of all that opening a stack may take, twice: a lease may wait for another's opening. */
export function leaseTimeout(config: ResolvedStacks): number {
  const longest = [...config.variants.values()].map(
    ({ database, servers }) =>
      database.timeout +
      servers.reduce((sum, { timeout, gracefulShutdown }) => sum + timeout + gracefulShutdown.timeout, 0),
  );
  const forOthers =
    (isEmbedded(config) ? 0 : CONNECTIONS_TIMEOUT_MS) + (config.machine.slots === 'off' ? 0 : LONGEST_WAIT_MS);
  return 2 * Math.max(...longest) + 60_000 + forOthers;
}
