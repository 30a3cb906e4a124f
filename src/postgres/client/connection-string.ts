// Connection strings: built, taken apart, given to child processes as libpq's variables.
import { StacksError } from '../../errors.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** `postgresql://user:password@host:port/database`, every part percent-encoded. */
export function connectionString({ host, port, user, password, database }: Target): string {
  const [name, secret, path] = [user, password, database].map(encodeURIComponent);
  return `postgresql://${name}:${secret}@${host}:${port}/${path}`;
}

/** The same server and parameters, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = parseUrl(url);
  return format({
    ...parsed,
    path: encodeURIComponent(database),
    query: parsed.query.filter((each) => nameOf(each) !== 'dbname'), // libpq would let it win
  });
}

interface Login {
  readonly user?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly host: string;
  readonly port: number;
}

/**
 * With what the string does not say and libpq's variables or `~/.pgpass` did: applications may know neither. Of several
 * hosts the one that was reached: what is made for a run is there, and not on the others.
 */
export function withLogin(url: string, { user, password, host, port }: Login): string {
  const parsed = parseUrl(url);
  const one = hostsOf(parsed).length > 1 ? withHost(parsed, host, port) : parsed;
  const unsaid = (name: string, value: string) => value === '' && !parameter(one, name);
  return format({
    ...one,
    ...(unsaid('user', one.user) && { user: encodeURIComponent(user ?? '') }),
    ...(unsaid('password', one.password) && { password: encodeURIComponent(password ?? '') }),
    ...(!saysPort(one) && atPort(one, port)),
  });
}

/**
 * The same database by way of a port of this machine. Undefined where there is none: a Unix socket, several hosts, a
 * certificate that is for the server's name.
 */
export function byWayOf(url: string, port: number): string | undefined {
  const parsed = parseUrl(url);
  const [{ host } = { host: '' }, ...others] = hostsOf(parsed);
  if (others.length > 0 || host === '' || host.startsWith('/')) return undefined;
  // Where it is said, node-postgres takes `prefer` for `verify-full`.
  const isForAnyName = /^(disable|allow|no-verify)?$/.test(parameter(parsed, 'sslmode') ?? '');
  const asksForTls = ['ssl', 'sslrootcert', 'sslcert', 'sslnegotiation', 'channel_binding'].some(
    (name) => parameter(parsed, name) !== undefined,
  );
  return isForAnyName && !asksForTls ? format(withHost(parsed, '127.0.0.1', port)) : undefined;
}

function saysPort(parsed: ConnectionUrl): boolean {
  return /:\d+$/.test(parsed.authority) || parameter(parsed, 'port') !== undefined;
}

/** Beside a host; where there is none, among the parameters. */
function atPort({ authority, query }: ConnectionUrl, port: number): Pick<ConnectionUrl, 'authority' | 'query'> {
  if (authority === '') return { authority, query: [...query, `port=${port}`] };
  return { authority: `${authority}:${port}`, query };
}

const OF_THE_HOST = /^(host|hostaddr|port|target_session_attrs|load_balance_hosts)$/;

/** A socket's folder is a parameter. */
function withHost(parsed: ConnectionUrl, host: string, port: number): ConnectionUrl {
  const query = parsed.query.filter((each) => !OF_THE_HOST.test(nameOf(each)));
  if (host.startsWith('/')) return { ...parsed, authority: '', query: [...query, `host=${host}`, `port=${port}`] };
  return { ...parsed, authority: `${host.includes(':') ? `[${host}]` : host}:${port}`, query };
}

/** The database that a connection string names; undefined: the one that is called like the user. */
export function databaseOf(url: string): string | undefined {
  return decodeURIComponent(parseUrl(url).path) || undefined;
}

/** `DATABASE_URL` and libpq's variables, as far as `url` says them. */
export function databaseEnv(url: string): Record<string, string> {
  const parsed = parseUrl(url);
  const said = (name: string) => parameter(parsed, name);
  const hosts = hostsOf(parsed);
  const list = (of: 'host' | 'port') => hosts.map((each) => each[of]).join(',');
  const variables: Record<string, string | undefined> = {
    DATABASE_URL: url,
    PGHOST: hosts.some(({ host }) => host !== '') ? list('host') : undefined,
    PGPORT: list('port'),
    PGUSER: said('user') ?? decodeURIComponent(parsed.user),
    PGPASSWORD: said('password') ?? decodeURIComponent(parsed.password),
    PGDATABASE: said('dbname') ?? databaseOf(url),
    PGSSLMODE: said('sslmode'),
    PGSSLROOTCERT: said('sslrootcert'),
  };
  const known = Object.entries(variables).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(known);
}

/** Its parts, for variables that hold one each. */
export function connectionParts(url: string): Target & { readonly url: string } {
  const { PGHOST: host = 'localhost', PGPORT = '5432', PGUSER: user = '', ...rest } = databaseEnv(url);
  const { PGPASSWORD: password = '', PGDATABASE: database = user } = rest;
  return { url, host, port: Number(PGPORT), user, password, database };
}

/** "db.example.org:5432": how messages name a server. */
export function serverTitle(url: string): string {
  const hosts = hostsOf(parseUrl(url)).map(({ host, port }) => `${host || 'localhost'}:${port}`);
  return hosts.join(', ');
}

/** Its parts as they are written, percent-encoded. */
export interface ConnectionUrl {
  readonly scheme: string;
  readonly user: string;
  readonly password: string;
  /** `db.example.org:5433`, `[::1]`, several with commas between them; '' where a parameter says it, or nothing. */
  readonly authority: string;
  readonly path: string;
  /** `name=value`. */
  readonly query: readonly string[];
}

// A URL of the web has one host, and none only without a user.
const URL_SHAPE =
  /^(postgres(?:ql)?):\/\/(?:([^/?#:]*)(?::([^/?#]*))?@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/;
const HOST_SHAPE = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/;

/** Throws DATABASE_UNREACHABLE where `url` is no connection string, or its hosts and ports do not fit. */
export function parseUrl(url: string): ConnectionUrl {
  const [, scheme, user = '', password = '', authority = '', path = '', query = ''] = URL_SHAPE.exec(url) ?? [];
  if (scheme === undefined || ![user, password, path, query].every(isEncoded)) throw invalid();
  const parsed = { scheme, user, password, authority, path, query: query.split('&').filter(Boolean) };
  hostsOf(parsed);
  return parsed;
}

/** What libpq reads of hosts and ports: one port is for all hosts, else there are as many. */
export function hostsOf(parsed: ConnectionUrl): readonly { readonly host: string; readonly port: string }[] {
  const written = parsed.authority.split(',').map((each) => HOST_SHAPE.exec(each));
  const names = parameter(parsed, 'host')?.split(',') ?? written.map((each) => each?.[1]);
  const ports = parameter(parsed, 'port')?.split(',') ?? written.map((each) => each?.[2] ?? '');
  if (names.includes(undefined) || (ports.length > 1 && ports.length !== names.length)) throw invalid();
  return names.map((name = '', index) => {
    const host = decodeURIComponent(name).replace(/^\[(.*)\]$/, '$1');
    return { host, port: (ports.length === 1 ? ports[0] : ports[index]) || '5432' };
  });
}

/** Undefined: it does not say. */
export function parameter({ query }: ConnectionUrl, name: string): string | undefined {
  const found = query.find((each) => nameOf(each) === name);
  return (found && decodeURIComponent(found.slice(found.indexOf('=') + 1))) || undefined;
}

function nameOf(parameter: string): string {
  return parameter.split('=')[0] ?? '';
}

function format({ scheme, user, password, authority, path, query }: ConnectionUrl): string {
  const login = user || password ? `${user}${password && `:${password}`}@` : '';
  return `${scheme}://${login}${authority}${path && `/${path}`}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

function isEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

function invalid(): StacksError {
  return new StacksError('DATABASE_UNREACHABLE', 'invalid connection string.', {
    hint: 'set `database.url` to postgresql://user:password@host:port/database, special characters percent-encoded.',
  });
}
