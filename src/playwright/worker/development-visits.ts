// Tests that go to the development server, where the slot's is meant: by a page, by `request`, by `fetch`. Observed, and
// nothing is changed: what a browser has sent is known by the address that answered, which a mocked request has none of.
import type { BrowserContext, Request } from '@playwright/test';
import { StacksError } from '../../errors.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { onNewContext } from '../private.ts';
import { takeMade } from './connections-made.ts';

/** Those of the pages since they were asked for last. */
const requested = new Set<string>();
const watched = new WeakSet<object>();

/** Has every context that this worker makes tell of its requests to `ports` of this machine. */
export function watchVisits(playwright: object, ports: readonly string[]): void {
  if (ports.length === 0 || watched.has(playwright)) return;
  watched.add(playwright);
  onNewContext(playwright, (context) => {
    if (!isBrowserContext(context)) return; // Of `request` there are connections.
    const note = (request: Request): void => {
      const origin = developmentOrigin(request.url(), ports);
      // Where the application itself sends the browser on is its own affair.
      if (origin !== undefined && !request.redirectedFrom()) requested.add(origin);
    };
    context.on('requestfailed', (request) => {
      if (REFUSED.test(request.failure()?.errorText ?? '')) note(request);
    });
    context.on('response', (response) => {
      if (developmentOrigin(response.url(), ports) === undefined) return;
      const noted = response.serverAddr().then((address) => address && note(response.request()));
      noted.catch(() => {}); // The page was closed meanwhile.
    });
  });
}

/** Nobody listens there now: it was meant all the same. */
const REFUSED = /CONNECTION_REFUSED|Could not connect/;

export function isBrowserContext(context: object): context is BrowserContext {
  return 'pages' in context && 'on' in context;
}

/** `ports` without those of Postgres: a config's `webServer` may start it. */
export function withoutPostgres(ports: readonly string[], { databases }: StackInfo): string[] {
  const own = databases.map(({ url }) => new URL(url).port || '5432');
  return ports.filter((port) => !own.includes(port));
}

/** Where the test that has just ended went. */
export function takeVisits({ servers }: StackInfo, ports: readonly string[]): string[] {
  const own = Object.values(servers).map((url) => new URL(url).port);
  const connected = takeMade()
    .filter(({ address, port }) => isLoopback(address) && ports.includes(String(port)))
    .map(({ port }) => `http://localhost:${port}`);
  const all = new Set([...requested, ...connected]);
  requested.clear();
  return [...all].filter((origin) => !own.includes(new URL(origin).port));
}

export function visitError(visits: readonly string[], { url, slot }: StackInfo): StacksError {
  const what = `the test went to ${visits.join(', ')}, the development server; slot ${slot}’s is ${url}.`;
  return new StacksError('DEVELOPMENT_ORIGIN', what, {
    hint: "use paths (`page.goto('/login')`), or `baseURL`; of a second server, `stack.server('api').url` of our `test`. To have full URLs of tests lead to the slot: developmentOrigin: 'rewrite', in the options of withStacks(); where it is meant: 'allow', or 'warn'.",
  });
}

/** The origin of `url` where it is one of `ports` of this machine. */
export function developmentOrigin(url: string, ports: readonly string[]): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, origin } = new URL(url);
  return isLoopback(hostname) && ports.includes(port) ? origin : undefined;
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.[\d.]+|::1|\[::1\]|0\.0\.0\.0)$/.test(host);
}
