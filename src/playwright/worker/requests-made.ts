// The requests of a test to the servers of its stack: those of its pages, of which Playwright tells; those of `request`, of
// `fetch` and of Node's own client, of which Node does. Nothing is wrapped, and nothing is read of what was sent.
import { type PerformanceEntry, PerformanceObserver, performance } from 'node:perf_hooks';
import type { Request, Response } from '@playwright/test';
import type { RequestMade } from '../../failure/failure.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { presentable } from '../../text/presentable.ts';
import { onNewContext } from '../private.ts';
import { isBrowserContext } from './development-visits.ts';

interface Made extends Omit<RequestMade, 'server' | 'path'> {
  readonly url: string;
}

/** The latest of this worker, in the order in which they ended. */
let latest: Made[] = [];
/** How many are remembered. */
const MOST = 1_000;
/** Characters of a path. */
const LONGEST = 200;
let observer: PerformanceObserver | undefined;

/** Has every context that this worker makes tell of its requests, and Node of its own. */
export function watchRequests(playwright: object): void {
  if (observer) return;
  observer = new PerformanceObserver((list) => noteEntries(list.getEntries()));
  observer.observe({ entryTypes: ['http', 'resource'] });
  onNewContext(playwright, (context) => {
    if (!isBrowserContext(context)) return;
    context.on('response', (response) => note(ofResponse(response)));
    context.on('requestfailed', (request) => note({ ...ofRequest(request), error: request.failure()?.errorText }));
  });
}

/** Those that began at `since` or later (milliseconds since 1970), as they may be shown. */
export function requestsSince(since: number, { servers }: StackInfo): readonly RequestMade[] {
  noteEntries(observer?.takeRecords() ?? []);
  const names = new Map(Object.entries(servers).map(([name, url]) => [new URL(url).port, name]));
  return latest
    .filter(({ at }) => at >= since)
    .flatMap(({ url, ...made }) => {
      const { port, pathname, search } = new URL(url);
      const server = names.get(port);
      // What a query says may be a secret.
      const path = presentable(`${pathname}${search && '?…'}`, LONGEST);
      return server === undefined ? [] : [{ ...made, server, path }];
    })
    .sort((one, other) => one.at - other.at);
}

function note(made: Made): void {
  if (!/^https?:/.test(made.url) || !URL.canParse(made.url)) return;
  latest.push(made);
  if (latest.length > 2 * MOST) latest = latest.slice(-MOST);
}

function ofRequest(request: Request): Made {
  const { startTime, responseStart } = request.timing();
  // Of one that failed it may not be known: it is told of at once.
  const at = startTime > 0 ? startTime : Date.now();
  const isPart = request.resourceType() !== 'document';
  return { at, ms: Math.max(0, responseStart), method: request.method(), url: request.url(), isPart };
}

function ofResponse(response: Response): Made {
  return { ...ofRequest(response.request()), status: response.status() };
}

/** What Node notes of a request of its own client. */
interface HttpDetail {
  readonly req: { readonly method: string; readonly url: string; readonly headers: Readonly<Record<string, unknown>> };
  readonly res: { readonly statusCode: number };
}

function noteEntries(entries: readonly PerformanceEntry[]): void {
  for (const entry of entries) {
    // Not by `timeOrigin`: a machine's clock may have been set since. In whole milliseconds, as those of `Date`.
    const at = Math.ceil(Date.now() - (performance.now() - entry.startTime));
    const timed = { at, ms: entry.duration };
    if (entry.entryType === 'http' && entry.name === 'HttpClient') {
      const { req, res } = (entry as PerformanceEntry & { detail: HttpDetail }).detail;
      note({ ...timed, method: req.method, url: withPort(req), status: res.statusCode });
    } else if (entry.entryType === 'resource') {
      // Node 20 has no status.
      const status = 'responseStatus' in entry ? Number(entry.responseStatus) : undefined;
      note({ ...timed, method: 'fetch', url: entry.name, status });
    }
  }
}

/** Node leaves the port out. */
function withPort({ url, headers }: HttpDetail['req']): string {
  return URL.canParse(url) && typeof headers.host === 'string'
    ? url.replace(/^(https?:\/\/)[^/]*/, `$1${headers.host}`)
    : url;
}
