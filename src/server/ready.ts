// When a server is ready: its URL or port answers, and it is one of its own processes that listens there; the output
// that it was to print was printed. Raced against its exit, the deadline and an abort.
import { setTimeout as delay } from 'node:timers/promises';
import { type Listener, ownerOf, type PortOwner } from '../process/listeners.ts';
import type { Exit, ProcessGroup } from '../process/process-group.ts';
import { growing, poll } from '../wait.ts';
import { untilElsewhere } from './listens-elsewhere.ts';
import { isLocal, type Probe, probePort, probeUrl } from './probe.ts';

export interface ReadyTarget {
  /** Probed with Playwright's rule; undefined: `port` is. */
  readonly url: URL | undefined;
  /** Undefined with no `url`: only `output` counts. */
  readonly port: number | undefined;
  readonly ignoreHTTPSErrors: boolean;
  /** Settles when the awaited output was printed; undefined: none is awaited. */
  readonly output: Promise<void> | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Milliseconds between two probes, for what was waited. @default a tenth of it, from 20 to 250 */
  readonly interval?: ((elapsed: number) => number) | undefined;
}

export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'exited'; readonly exit: Exit }
  | { readonly kind: 'timedOut'; readonly lastProbe: Probe | undefined }
  | { readonly kind: 'stranger'; readonly listener: Listener }
  /** It serves on another port than its own. */
  | { readonly kind: 'elsewhere'; readonly lastProbe: Probe | undefined };

const PAUSE = growing(20, 250, 0.1);

/** Settles with what came first; rejects with the reason of an abort. */
export async function untilReady(group: ProcessGroup, target: ReadyTarget): Promise<Readiness> {
  target.signal.throwIfAborted();
  const done = new AbortController();
  const probes: Probes = { last: undefined, pendingSince: undefined };
  try {
    return await Promise.race([
      untilAnswers(group, target, probes, done.signal).then(async (answer) => {
        if (answer.kind === 'ready') await target.output;
        return answer;
      }),
      group.exited.then((exit): Readiness => ({ kind: 'exited', exit })),
      delay(target.timeout, undefined, { signal: done.signal }).then(
        (): Readiness => ({ kind: 'timedOut', lastProbe: lastOf(probes) }),
      ),
      elsewhere(group, target, probes, done.signal),
      aborted(target.signal, done.signal),
    ]);
  } finally {
    done.abort();
  }
}

/** What the probes said so far. */
interface Probes {
  last: Probe | undefined;
  pendingSince: number | undefined;
}

async function untilAnswers(
  group: ProcessGroup,
  { url, port, ignoreHTTPSErrors, interval = PAUSE }: ReadyTarget,
  probes: Probes,
  signal: AbortSignal,
): Promise<Readiness> {
  if (!url && port === undefined) return { kind: 'ready' };
  const look = async (): Promise<Readiness | undefined> => {
    probes.pendingSince = Date.now();
    const probe = url ? await probeUrl(url, { ignoreHTTPSErrors, signal }) : await probePort(port ?? 0);
    signal.throwIfAborted();
    probes.last = probe;
    probes.pendingSince = undefined;
    const watched = watchedPort(url, port);
    if (probe.available) {
      if (watched === undefined) return { kind: 'ready' };
      const owner = await settledOwner(watched, group);
      if (owner.kind === 'stranger') return owner;
      if (owner.kind === 'ours') return { kind: 'ready' };
    }
    return undefined;
  };
  // Whoever asks has the deadline, and aborts.
  const found = await poll(look, { timeout: Number.POSITIVE_INFINITY, interval, signal });
  return found ?? Promise.reject(signal.reason);
}

async function elsewhere(
  group: ProcessGroup,
  { url, port }: ReadyTarget,
  probes: Probes,
  signal: AbortSignal,
): Promise<Readiness> {
  const watched = watchedPort(url, port);
  if (watched === undefined) return new Promise(() => {});
  await untilElsewhere(group.members, watched, url ? url.pathname + url.search : '/', { signal });
  return { kind: 'elsewhere', lastProbe: lastOf(probes) };
}

/**
 * The port whose listener must be one of the server's own processes. Undefined for a host that is not this machine by
 * name: there may be a proxy in front of it, or another machine.
 */
export function watchedPort(url: URL | undefined, port: number | undefined): number | undefined {
  if (!url) return port;
  if (!isLocal(url.hostname)) return undefined;
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

/** A stranger is believed when it is seen twice: a process may end, or start, while we look. */
async function settledOwner(port: number, group: ProcessGroup): Promise<PortOwner> {
  const owner = ownerOf(port, group.members());
  if (owner.kind !== 'stranger') return owner;
  await delay(100);
  return ownerOf(port, group.members());
}

/** An application may take a request and keep it; a probe that is as old as that says more than the one before. */
function lastOf({ last, pendingSince }: Probes): Probe | undefined {
  const waited = pendingSince === undefined ? 0 : Date.now() - pendingSince;
  return waited > 500 ? { available: false, seen: `no answer in ${waited} ms` } : last;
}

function aborted(signal: AbortSignal, done: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { signal: done });
  });
}
