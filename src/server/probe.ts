// One look at whether a server answers: by URL, with the rule of Playwright's `webServer`, or by port.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { connect } from 'node:net';
import { messageOf } from '../errors.ts';

export interface Probe {
  readonly available: boolean;
  /** What came back, for a message: `HTTP 503`, `connection refused`. */
  readonly seen: string;
  /** The failure's code, for a hint. */
  readonly code?: string | undefined;
}

export interface ProbeOptions {
  readonly ignoreHTTPSErrors: boolean;
  readonly signal: AbortSignal;
}

const MAX_REDIRECTS = 20;
/** Tries each address of a name; Playwright's patience with one of them. */
const HAPPY_EYEBALLS = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 5_000 };

/** Available is a status from 200 to 403; redirects are followed; where `/` is not found, `/index.html` is tried. */
export async function probeUrl(url: URL, options: ProbeOptions): Promise<Probe> {
  try {
    let status = await statusOf(url, options, MAX_REDIRECTS);
    if (status === 404 && url.pathname === '/') {
      status = await statusOf(new URL('/index.html', url), options, MAX_REDIRECTS);
    }
    return { available: status >= 200 && status < 404, seen: `HTTP ${status}` };
  } catch (error) {
    return failed(error);
  }
}

/** Available is a port that accepts a connection, on IPv4 or IPv6. */
export async function probePort(port: number): Promise<Probe> {
  const probes = await Promise.all(LOOPBACK.map(({ address }) => connects(port, address)));
  return probes.find((probe) => probe.available) ?? probes[0] ?? { available: false, seen: 'nothing' };
}

function statusOf(url: URL, options: ProbeOptions, redirects: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      {
        headers: { Accept: '*/*' },
        agent: false,
        signal: options.signal,
        ...HAPPY_EYEBALLS,
        ...(url.protocol === 'https:' && { rejectUnauthorized: !options.ignoreHTTPSErrors }),
        ...(isLocalName(url.hostname) && { lookup: lookupLoopback }),
      },
      (response) => {
        const { statusCode = 0, headers } = response;
        const status =
          statusCode >= 300 && statusCode < 400 && headers.location ? follow(headers.location) : statusCode;
        // What follows the headers is of no interest, and may be endless (server-sent events).
        request.destroy();
        resolve(status);
      },
    );
    const follow = (location: string): number | Promise<number> => {
      if (redirects === 0) return 0;
      return statusOf(new URL(location, url), options, redirects - 1);
    };
    request.on('error', reject);
    request.end();
  });
}

function connects(port: number, host: string): Promise<Probe> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve({ available: true, seen: 'connected' });
    });
    socket.once('error', (error) => resolve(failed(error)));
  });
}

/** Two addresses tried, one error each: the first says it. */
function failed(error: unknown): Probe {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = (first as NodeJS.ErrnoException | undefined)?.code;
  return { available: false, seen: code === 'ECONNREFUSED' ? 'connection refused' : messageOf(first), code };
}

const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Whether `host` is this machine by its very name, whatever a resolver would say. */
export function isLocal(host: string): boolean {
  return isLocalName(host) || /^(127\.[\d.]+|\[::1?\]|0\.0\.0\.0)$/.test(host);
}

function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost');
}

/** Both addresses, also where the machine's resolver knows but one: a server may listen on either. */
const lookupLoopback: LookupFunction = (_host, options, callback) => {
  if (options.all) callback(null, LOOPBACK);
  else callback(null, '127.0.0.1', 4);
};
