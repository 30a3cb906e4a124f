// The value of a variable that names a Postgres database: which one, and how the same is written for another.

export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

export interface PostgresValue {
  readonly target: PostgresTarget;
  /** The value with placeholders of `database.env`: in the driver's own form, with the parameters that are the application's. */
  readonly template: string;
}

/** Undefined: it names none. */
export function readPostgresValue(value: string): PostgresValue | undefined {
  return readUrl(value.trim()) ?? readKeywords(value.trim());
}

/** `localhost:5432/dev`: how messages name a database. */
export function targetTitle({ host, port, database }: PostgresTarget): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}`;
}

/** Whether both are one database, as far as their names tell. */
export function isSameTarget(one: PostgresTarget, other: PostgresTarget): boolean {
  return one.database === other.database && one.port === other.port && hostOf(one) === hostOf(other);
}

function hostOf({ host }: PostgresTarget): string {
  return isLoopback(host) ? 'localhost' : host.toLowerCase();
}

/** Also a Unix socket. */
function isLoopback(host: string): boolean {
  return /^(localhost|127\.[\d.]+|::1|0\.0\.0\.0|\/.*)?$/i.test(host);
}

/** Drivers and frameworks add their name to the scheme: `jdbc:postgresql:`, `postgresql+asyncpg:`, `postgis:`, `ecto:`. */
const URL_SHAPE =
  /^((?:r2|j)dbc:(?:pool:)?)?(postgres|postgresql|postgis|pgsql|psql|ecto|prisma\+postgres)(\+\w+)?:(?:\/\/(?:([^/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?|([^/?#]+))(?:\?([^#]*))?/i;

/** Parameters that say something of the application, and not of the server or the way to it. */
const KEPT = /^(schema|currentSchema|options|serverVersion|charset|connection_limit)$/;

function readUrl(value: string): PostgresValue | undefined {
  const [, bridge = '', scheme = '', driver = '', login = '', authority = '', path = '', name = '', query = ''] =
    URL_SHAPE.exec(value) ?? [];
  if (!scheme) return undefined;
  const parameters = new URLSearchParams(query);
  // The first of several hosts.
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:,]*)(?::(\d+))?/.exec(authority) ?? [];
  const user = decode(login.split(':')[0] ?? '');
  const target = {
    host: parameters.get('host') || decode(host).replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: Number(parameters.get('port') ?? (port || 5432)),
    database: parameters.get('dbname') || decode(path || name) || user || 'postgres',
  };
  const kept = [...parameters].filter(([name]) => KEPT.test(name));
  if (bridge) kept.unshift(['user', '{user}'], ['password', '{password}']);
  const rest = kept.map(([name, text]) => `${name}=${/^\{\w+\}$/.test(text) ? text : encodeURIComponent(text)}`);
  const isPlain = !bridge && !driver && /^(postgres(ql)?|prisma\+postgres)$/i.test(scheme);
  const login_ = bridge ? '' : '{user}:{password}@';
  const base = isPlain ? '{url}' : `${bridge}${scheme}${driver}://${login_}{host}:{port}/{database}`;
  return { target, template: rest.length > 0 ? `${base}?${rest.join('&')}` : base };
}

const PARTS: readonly (readonly [placeholder: string, keys: RegExp, spelling: Readonly<Record<';' | ' ', string>>])[] =
  [
    ['{host}', /^(host|server)$/i, { ';': 'Host', ' ': 'host' }],
    ['{port}', /^port$/i, { ';': 'Port', ' ': 'port' }],
    ['{database}', /^(dbname|database)$/i, { ';': 'Database', ' ': 'dbname' }],
    ['{user}', /^(user|username|user ?id|uid)$/i, { ';': 'Username', ' ': 'user' }],
    ['{password}', /^(password|pwd)$/i, { ';': 'Password', ' ': 'password' }],
  ];
const WAY_THERE = /^(ssl ?mode|sslrootcert|root ?certificate|hostaddr|service|trust ?server ?certificate)$/i;

/** `host=… dbname=…` of libpq, `Host=…;Database=…;Username=…` of Npgsql. SQL Server's begins with `Server=`. */
function readKeywords(value: string): PostgresValue | undefined {
  const separator = value.includes(';') ? ';' : ' ';
  const pattern = separator === ';' ? /([\w ]+?)\s*=\s*([^;]*)/g : /(\w+)\s*=\s*('(?:\\.|[^'])*'|\S*)/g;
  const pairs = [...value.matchAll(pattern)].map(([, key = '', text = '']) => [key.trim(), text] as const);
  const said = (keys: RegExp) => pairs.find(([key]) => keys.test(key))?.[1].replace(/^'(.*)'$/, '$1');
  const host = said(/^host$/i);
  const database = said(separator === ';' ? /^database$/i : /^dbname$/i);
  if (host === undefined || database === undefined) return undefined;
  const given = PARTS.map(([placeholder, keys, spelling]) => {
    const key = pairs.find(([each]) => keys.test(each))?.[0] ?? spelling[separator];
    return `${key}=${separator === ' ' && placeholder === '{password}' ? `'${placeholder}'` : placeholder}`;
  });
  const others = pairs.filter(([key]) => !WAY_THERE.test(key) && !PARTS.some(([, keys]) => keys.test(key)));
  const template = [...given, ...others.map(([key, text]) => `${key}=${text}`)].join(separator);
  return { target: { host, port: Number(said(/^port$/i) ?? 5432), database }, template };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A `%` that stands for itself.
  }
}
