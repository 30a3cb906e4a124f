// developmentOrigin: 'rewrite': a URL of the development server that a test gives to `goto`, `request` or `newContext` is
// that of the slot's server. What a page asks for by itself, and Node's `fetch`, are not changed: they are errors.
import type { APIRequestContext, BrowserContext, Page } from '@playwright/test';
import type { ServerOptions } from '../../config/options.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { slotBaseURL } from '../base-url.ts';
import { onNewContext } from '../private.ts';
import { developmentOrigin, isBrowserContext } from './development-visits.ts';

export interface Rewriting {
  readonly servers: readonly ServerOptions[];
  readonly developmentPorts: readonly string[];
}

/** `url` on the slot's server where it names the development server; else as it is. */
export function onSlot(url: string, stack: StackInfo, { servers, developmentPorts }: Rewriting): string {
  if (developmentOrigin(url, developmentPorts) === undefined) return url;
  const { pathname, search, hash, port } = new URL(url);
  const { origin } = new URL(String(slotBaseURL(`http://localhost:${port}`, stack, servers)));
  return `${origin}${pathname}${search}${hash}`;
}

/** Called once in a worker. `stack`: the one that it has at that moment. */
export function rewriteURLs(playwright: object, stack: () => StackInfo | undefined, rewriting: Rewriting): void {
  const moved = <T>(url: T): T => {
    const leased = stack();
    return leased && typeof url === 'string' ? (onSlot(url, leased, rewriting) as T & string) : url;
  };
  onNewContext(playwright, (context) => {
    if (!isBrowserContext(context)) return rewriteRequests(context as unknown as APIRequestContext);
    rewriteRequests(context.request);
    for (const page of context.pages()) rewritePage(page);
    context.on('page', rewritePage);
  });

  function rewritePage(page: Page): void {
    const goto = page.goto.bind(page);
    page.goto = (url, options) => goto(moved(url), options);
  }

  /** `get()`, `post()` and the others come by `fetch()`. */
  function rewriteRequests(request: BrowserContext['request']): void {
    const fetch = request.fetch.bind(request);
    request.fetch = (url, options) => fetch(moved(url), options);
  }
}
