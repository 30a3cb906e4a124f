// Our own sessions: each with a purpose that shows in pg_stat_activity, a deadline, and a handler for its loss.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, StacksError } from '../../errors.ts';
import { APPLICATION } from '../../names.ts';
import { asLaterStatement, asOptions, INHERITED, OURS } from '../../session-settings.ts';
import { rememberUrl } from '../../text/known-secrets.ts';
import { type Address, addressesOf, wantsPrimary } from './addresses.ts';
import { noteOurs } from './left-open.ts';

export type Client = pg.Client;

export interface ConnectOptions {
  /** What the session is for: `clone stk_0123456789_0`. Has the run's key where it may outlive the run. */
  readonly purpose: string;
  /** Begins its application_name. @default APPLICATION */
  readonly name?: string;
  /** Ends the session, and with it the statement that it waits for. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to connect; default 10,000. */
  readonly timeout?: number;
  /**
   * Whose settings it has, but for what would end it: those that our SQL needs, or those of role, database and connection
   * string, for SQL of the user's.
   * @default 'ours'
   */
  readonly settings?: 'ours' | 'inherited';
}

/** Where to: a connection string, an address that was found good, or a socket's folder and the rest. */
export type Target =
  | { readonly connectionString: string }
  | Address
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** A statement of ours takes no longer than this. */
const LONGEST_STATEMENT = 120_000;

/** For sessions that hold something: that of a host that vanishes ends within a minute, not after two hours. */
export const KEEPALIVE = 'SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3';

/** Throws DATABASE_UNREACHABLE, or DATABASE_FULL when it has no connection for us in time. `title` names the server. */
export async function connect(target: Target, title: string, options: ConnectOptions): Promise<Client> {
  const { purpose, name = APPLICATION, signal, timeout = 10_000, settings = 'ours' } = options;
  if ('connectionString' in target) rememberUrl(target.connectionString);
  const targets: readonly Partial<Address>[] =
    'connectionString' in target ? addressesOf(target.connectionString) : [target];
  const hosts = targets.map(({ host, port }) => `${host}:${port}`);
  const primary = 'connectionString' in target && wantsPrimary(target.connectionString);
  const deadline = Date.now() + timeout;
  let known: unknown;
  for (let attempt = 0; ; ) {
    signal?.throwIfAborted();
    const left = Math.max(1, deadline - Date.now());
    const others = new Set(hosts.slice(attempt)).size;
    try {
      const within = { purpose, name, signal, settings, timeout: Math.ceil(left / others) };
      return await open(targets[attempt] ?? {}, within, primary);
    } catch (error) {
      signal?.throwIfAborted();
      if (isForNow(error)) known = error;
      const next = nextAfter(error, attempt, hosts);
      if (next !== undefined) attempt = next;
      else if (isForNow(error) && left > PAUSE) await delay(PAUSE, undefined, { signal });
      // The last try may have had no time left: what the server said before it is the reason.
      else throw failure(isLate(error) ? (known ?? error) : error, title, purpose, timeout);
    }
  }
}

/** The same host with or without TLS; the next one where this one cannot be reached or is not what is wanted, as libpq does. */
function nextAfter(error: unknown, attempt: number, hosts: readonly string[]): number | undefined {
  const isLast = attempt + 1 === hosts.length;
  if (!isLast && hosts[attempt + 1] === hosts[attempt] && isAboutEncryption(error)) return attempt + 1;
  const other = hosts.findIndex((host, index) => index > attempt && host !== hosts[attempt]);
  return other !== -1 && (isElsewhere(error) || isLate(error)) ? other : undefined;
}

/** Where each session went. */
const ADDRESSES = new WeakMap<Client, Partial<Address>>();

/** Another session of the same role on the same server, in `database`. */
export async function connectBeside(client: Client, database: string, purpose: string): Promise<Client> {
  const { host, port, user, password, options, ssl = false } = ADDRESSES.get(client) ?? {};
  const address: Address = { host, port, user, password, options, ssl, database };
  return connect({ ...ADDRESSES.get(client), ...address }, `${client.host}:${client.port}`, { purpose });
}

/** By database: how many sessions of ours this process has opened. */
const OPENED = new Map<string, number>();

export function sessionsOpened(database: string): number {
  return OPENED.get(database) ?? 0;
}

/** Uses a session for `work` and ends it. */
export async function withClient<T>(opening: Promise<Client>, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await opening;
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {}); // lost: `work` has failed with the reason
  }
}

async function open(address: Partial<Address>, options: Required<ConnectOptions>, primary: boolean): Promise<Client> {
  const { purpose, name, signal, settings, timeout } = options;
  const own = settings === 'ours' ? OURS : INHERITED;
  const client = new pg.Client({
    ...address,
    options: [address.options, asOptions(own)].join(' ').trim(), // of one setting the last value counts
    application_name: `${name}: ${purpose}`,
    connectionTimeoutMillis: timeout,
    statement_timeout: LONGEST_STATEMENT,
    keepAlive: true,
  });
  client.on('error', () => {}); // the next query fails and says it; without a handler Node would end the process
  const end = () => void client.end().catch(() => {}); // it was ending already
  signal?.addEventListener('abort', end, { once: true });
  client.once('end', () => signal?.removeEventListener('abort', end));
  await client.connect();
  ADDRESSES.set(client, address);
  noteOurs(client);
  const { database = '' } = client;
  OPENED.set(database, sessionsOpened(database) + 1);
  try {
    await client.query(asLaterStatement(own));
    if (primary) await refuseStandby(client);
  } catch (error) {
    end();
    throw error;
  }
  return client;
}

const PAUSE = 200;
const STANDBY = 'ERR_STANDBY';

async function refuseStandby(client: Client): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
  if (rows[0]?.standby)
    throw Object.assign(new Error('the server is a standby, which takes no writes'), { code: STANDBY });
}

/** Nobody answers at this address, or one that is not wanted: another host may do. */
function isElsewhere(error: unknown): boolean {
  return /^(ECONN(REFUSED|RESET|ABORTED)|E(HOST|NET)UNREACH|ETIMEDOUT|ENOTFOUND|EAI_\w+|ENOENT|EACCES|57P03|ERR_STANDBY)$/.test(
    codeOf(error),
  );
}

/** The server cannot or will not talk with (or without) TLS: the next address may do. */
function isAboutEncryption(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === '28000' || /SSL/.test(messageOf(error)) || /^(ERR_(SSL|TLS)|EPROTO|DEPTH_ZERO|CERT_|UNABLE_TO)/.test(code)
  );
}

/** Too many clients, the server is still starting, or a timeout of the role's was quicker than we: soon it may be otherwise. */
function isForNow(error: unknown): boolean {
  return ['53300', '57P03', '57P05', '25P04'].includes(codeOf(error));
}

function isLate(error: unknown): boolean {
  return /timeout/i.test(messageOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function failure(error: unknown, title: string, purpose: string, timeout: number): StacksError {
  const reason = messageOf(error) || codeOf(error);
  const details = { facts: { purpose, reason }, cause: error };
  if (codeOf(error) === '53300') {
    return new StacksError('DATABASE_FULL', `Postgres at ${title} had no free connection within ${timeout} ms.`, {
      ...details,
      hint: 'raise `max_connections` of the server (or the connection limit of the role), or run fewer workers at once.',
    });
  }
  const late = isLate(error) ? ` within ${timeout} ms` : '';
  return new StacksError('DATABASE_UNREACHABLE', `Postgres at ${title} could not be reached${late}.`, details);
}
