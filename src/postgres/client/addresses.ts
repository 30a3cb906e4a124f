// A connection string as libpq reads it: whom to connect to, and with which TLS. `pg` by itself takes `require` for
// `verify-full` and knows no `prefer`; the string that applications get is left as the user wrote it.
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { messageOf, StacksError } from '../../errors.ts';
import { databaseEnv, hostsOf, parameter, parseUrl } from './connection-string.ts';

/** What `pg` connects with. What is undefined it takes from libpq's variables and from `~/.pgpass`. */
export interface Address {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly options?: string | undefined;
  readonly ssl: false | ConnectionOptions;
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof MODES)[number];

/** In the order in which they are tried: host by host, each with TLS and without as `sslmode` says. */
export function addressesOf(url: string): readonly Address[] {
  const said = databaseEnv(url);
  const parsed = parseUrl(url);
  const says = (name: string) => parameter(parsed, name);
  const rest = { user: said.PGUSER, password: said.PGPASSWORD, database: said.PGDATABASE, options: says('options') };
  const written = parsed.authority.includes(':') || says('port') !== undefined;
  return hostsOf(parsed).flatMap(({ host, port }) => {
    const known = { ...rest, host: host || undefined, port: written ? Number(port) : undefined };
    return waysTo(known, host || process.env.PGHOST || 'localhost', says);
  });
}

/** Whether only a server that takes writes will do. A run always writes. */
export function wantsPrimary(url: string): boolean {
  return /^(read-write|primary)$/.test(parameter(parseUrl(url), 'target_session_attrs') ?? '');
}

function waysTo(rest: Omit<Address, 'ssl'>, host: string, says: (name: string) => string | undefined): Address[] {
  const plain: Address = { ...rest, ssl: false };
  if (host.startsWith('/')) return [plain];
  const mode = modeOf(says('sslmode') ?? (says('ssl') === 'true' ? 'require' : process.env.PGSSLMODE), host);
  if (mode === 'disable') return [plain];
  const encrypted: Address = { ...rest, ssl: tlsOf(mode, says) };
  if (mode === 'allow') return [plain, encrypted];
  return mode === 'prefer' ? [encrypted, plain] : [encrypted];
}

function modeOf(said: string | undefined, host: string): Mode {
  // On this very machine nobody is in between, and most servers have no TLS.
  if (said === undefined || said === '') return isLoopback(host) ? 'allow' : 'prefer';
  if (said === 'no-verify') return 'require'; // what `pg` calls it
  const mode = MODES.find((each) => each === said);
  if (mode !== undefined) return mode;
  throw new StacksError('DATABASE_UNREACHABLE', `\`sslmode=${said}\` of the connection string is not known.`, {
    hint: `known are ${MODES.join(', ')}.`,
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isIP(host) > 0 && /^(127\.|::1$)/.test(host));
}

/** `require` with a root certificate at hand verifies it, as libpq's does. */
function tlsOf(mode: Mode, parameter: (name: string) => string | undefined): ConnectionOptions {
  const file = (name: string, variable: string, usual: string) => {
    const said = parameter(name) ?? (process.env[variable] || undefined);
    const found = join(home(), '.postgresql', usual);
    return said ?? (existsSync(found) ? found : undefined);
  };
  const root = file('sslrootcert', 'PGSSLROOTCERT', 'root.crt');
  const [cert, key] = [file('sslcert', 'PGSSLCERT', 'postgresql.crt'), file('sslkey', 'PGSSLKEY', 'postgresql.key')];
  const own = cert && key ? { cert: read('sslcert', cert), key: read('sslkey', key) } : {};
  if (root === 'system' || mode === 'verify-full') {
    return { ...own, ...(root && root !== 'system' ? { ca: read('sslrootcert', root) } : {}) };
  }
  const verifies = mode === 'verify-ca' || (mode === 'require' && root !== undefined);
  if (!verifies) return { ...own, rejectUnauthorized: false };
  return { ...own, ...(root ? { ca: read('sslrootcert', root) } : {}), checkServerIdentity: () => undefined };
}

function home(): string {
  try {
    return homedir();
  } catch {
    return '/'; // no HOME, and a uid without an account
  }
}

function read(parameter: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StacksError('DATABASE_UNREACHABLE', `\`${parameter}\` of the connection string cannot be read.`, {
      facts: { file, reason: messageOf(error) },
      cause: error,
    });
  }
}
