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
  const changed = parseUrl(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  // libpq would let it win. Deleting what is not there would write the other parameters anew.
  if (changed.searchParams.has('dbname')) changed.searchParams.delete('dbname');
  return changed.href;
}

interface Login {
  readonly user?: string | null | undefined;
  readonly password?: string | null | undefined;
  readonly port: number;
}

/** With what the string does not say and libpq's variables or `~/.pgpass` did: applications may know neither. */
export function withLogin(url: string, { user, password, port }: Login): string {
  const changed = parseUrl(url);
  const unsaid = (name: string, value: string) => value === '' && !changed.searchParams.get(name);
  if (unsaid('user', changed.username)) changed.username = encodeURIComponent(user ?? '');
  if (unsaid('password', changed.password)) changed.password = encodeURIComponent(password ?? '');
  if (unsaid('port', changed.port)) changed.port = String(port);
  return changed.href;
}

/** The database that a connection string names; undefined: the one that is called like the user. */
export function databaseOf(url: string): string | undefined {
  return decodeURIComponent(parseUrl(url).pathname.slice(1)) || undefined;
}

/** `DATABASE_URL` and libpq's variables, as far as `url` says them. */
export function databaseEnv(url: string): Record<string, string> {
  const parsed = parseUrl(url);
  const parameter = (name: string) => parsed.searchParams.get(name) ?? undefined;
  const variables: Record<string, string | undefined> = {
    DATABASE_URL: url,
    PGHOST: parameter('host') ?? decodeURIComponent(parsed.hostname).replace(/^\[(.*)\]$/, '$1'),
    PGPORT: parameter('port') ?? (parsed.port || '5432'),
    PGUSER: parameter('user') ?? decodeURIComponent(parsed.username),
    PGPASSWORD: parameter('password') ?? decodeURIComponent(parsed.password),
    PGDATABASE: parameter('dbname') ?? databaseOf(url),
    PGSSLMODE: parameter('sslmode'),
    PGSSLROOTCERT: parameter('sslrootcert'),
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
  const { PGHOST = 'localhost', PGPORT = '5432' } = databaseEnv(url);
  return `${PGHOST}:${PGPORT}`;
}

/** Throws DATABASE_UNREACHABLE where `url` is no connection string. */
export function parseUrl(url: string): URL {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return new URL(url);
  throw new StacksError('DATABASE_UNREACHABLE', 'the connection string is not one.', {
    hint: 'set `database.url` to postgresql://user:password@host:port/database, special characters percent-encoded.',
  });
}
