// Who gets in: whoever has the token, which is in the path of all that is asked for. No cookie has it: a browser would send
// that to the application under test as well, which runs on another port of the same host. A page of another site, or one
// that has its name point to this machine, gets nothing.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Visit {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** `enter`: the printed address without its last slash, to which the page's own names would not be relative. */
export type Verdict =
  | { readonly kind: 'enter' }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'refused'; readonly status: 403 | 404 | 405; readonly why: string };

export function judge({ method, url = '', headers }: Visit, token: string): Verdict {
  const { host = '', origin } = headers;
  // Under whatever port: it may be forwarded. A name that somebody else controls is refused.
  if (!/^(127\.0\.0\.1|localhost)(:\d{1,5})?$/.test(host)) return refused(403, 'This address is not the board’s.');
  if (origin !== undefined && origin !== `http://${host}`) return refused(403, 'Another site asks.');
  if (method !== 'GET') return refused(405, 'The board is only read.');
  const [, first = '', name, ...more] = (url.split('?')[0] ?? '').split('/');
  if (!isSame(first, token)) {
    return refused(403, 'Open the address that the run has printed: its token is missing or of another run.');
  }
  if (name === undefined) return { kind: 'enter' };
  // The page itself may be a link on another site; what it loads is not.
  const site = headers['sec-fetch-site'];
  const isOwn = site === undefined || site === 'same-origin' || site === 'none';
  if (name !== '' && !isOwn) return refused(403, 'Another site asks.');
  if (more.length > 0) return refused(404, 'There is no such page.');
  return { kind: 'file', name };
}

function refused(status: 403 | 404 | 405, why: string): Verdict {
  return { kind: 'refused', status, why };
}

function isSame(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}
