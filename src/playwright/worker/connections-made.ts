// Where code in this worker connects to: tests, their helpers and fixtures, with a pool of their own or `fetch`. Node tells
// of each connection that was made, also of one that has ended; nothing is wrapped.
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as soon } from 'node:timers/promises';
import type { WorkerConnection } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { openTo } from '../../postgres/client/left-open.ts';

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** By address and port, in the order in which they were made first. */
const made = new Map<string, WorkerConnection>();
/** All since `takeMade` was asked last. */
let latest: Endpoint[] = [];
/** Projects without a stack never ask. */
const MOST_LATEST = 1_000;
/** Those that `newConnections` has returned. */
const reported = new Set<string>();
let observer: PerformanceObserver | undefined;

/** Called while the config loads, before a test file opens a pool. */
export function watchConnections(): void {
  observer ??= new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ entryTypes: ['net'] });
}

/**
 * Those that it has not returned yet, without those to app servers.
 * @param development the ports of the developer's own servers
 */
export async function newConnections(
  stack: StackInfo,
  development: readonly (string | undefined)[],
): Promise<readonly WorkerConnection[]> {
  await soon(); // Node tells of a connection a moment after it was made.
  note(observer?.takeRecords() ?? []);
  const servers = [...Object.values(stack.servers).map((url) => new URL(url).port), ...development];
  const elsewhere = [...made.values()].filter(({ port }) => !servers.includes(String(port)));
  // On our server the database is known by the port that a connection comes from.
  const onServer = openTo(Number(new URL(stack.databaseUrl).port || 5432));
  return [...elsewhere, ...onServer].filter((each) => {
    const key = `${each.address} ${each.port} ${each.localPort}`;
    return !reported.has(key) && reported.add(key);
  });
}

/** Every one since it was asked last, also to where there had been one before. Ask `newConnections` first. */
export function takeMade(): readonly Endpoint[] {
  const all = latest;
  latest = [];
  return all;
}

function note(entries: readonly object[]): void {
  for (const entry of entries) {
    const detail: unknown = Reflect.get(entry, 'detail');
    if (!isTarget(detail)) continue;
    const { host: address, port } = detail;
    if (latest.length < MOST_LATEST) latest.push({ address, port });
    made.set(`${address} ${port}`, { address, port, localPort: 0 });
  }
}

function isTarget(detail: unknown): detail is { readonly host: string; readonly port: number } {
  return typeof detail === 'object' && detail !== null && 'host' in detail && 'port' in detail;
}
