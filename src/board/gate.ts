// Who gets in: whoever has the token, from a page of the board itself. A page of another site, or one that has its name
// point to this machine, gets nothing; neither does the application under test, which runs on the same host.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Visit {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface Gate {
  readonly token: string;
  readonly cookie: string;
}

/** `enter`: with the token in the path, to get the cookie. */
export type Verdict =
  | { readonly kind: 'enter' }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'refused'; readonly status: 403 | 404 | 405; readonly why: string };

export function judge({ method, url = '', headers }: Visit, { token, cookie }: Gate): Verdict {
  const { host = '', origin } = headers;
  // Under whatever port: it may be forwarded. A name that somebody else controls is refused.
  if (!/^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(host)) return refused(403, 'This address is not the board’s.');
  if (origin !== undefined && origin !== `http://${host}`) return refused(403, 'Another site asks.');
  if (method !== 'GET') return refused(405, 'The board is only read.');
  const path = url.split('?')[0] ?? '';
  const [, first = '', ...more] = path.split('/');
  if (more.join('') === '' && isSame(first, token)) return { kind: 'enter' };
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return refused(403, 'Another site asks.');
  if (!isSame(cookieOf(headers.cookie, cookie), token)) {
    return refused(403, 'Open the address that the run has printed: its token is missing or of another run.');
  }
  if (more.length > 0) return refused(404, 'There is no such page.');
  return { kind: 'file', name: first };
}

function refused(status: 403 | 404 | 405, why: string): Verdict {
  return { kind: 'refused', status, why };
}

function cookieOf(header: string | undefined, name: string): string {
  const found = (header ?? '').split(';').map((pair) => pair.trim().split('='));
  return found.find(([key]) => key === name)?.[1] ?? '';
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
