// Our own sessions: each with a purpose that shows in pg_stat_activity, a deadline, and a handler for its loss.
import pg from 'pg';
import { messageOf, StacksError } from '../errors.ts';

export type Client = pg.Client;

/** Begins the application_name of every session of ours. */
export const APPLICATION = 'playwright-stacks';

export interface ConnectOptions {
  /** What the session is for: `build template`. */
  readonly purpose: string;
  /** Ends the session, and with it the statement that it waits for. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds to connect; default 10,000. */
  readonly timeout?: number;
}

/** What `pg` connects with: a string, or a socket's folder and the rest. */
export type Address =
  | { readonly connectionString: string }
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/** A statement of ours takes no longer than this. */
const LONGEST_STATEMENT = 120_000;

/** Throws DATABASE_UNREACHABLE. `title` names the server in its message. */
export async function connect(address: Address, title: string, options: ConnectOptions): Promise<Client> {
  const { purpose, signal, timeout = 10_000 } = options;
  signal?.throwIfAborted();
  const client = new pg.Client({
    ...address,
    application_name: `${APPLICATION}: ${purpose}`,
    connectionTimeoutMillis: timeout,
    statement_timeout: LONGEST_STATEMENT,
    keepAlive: true,
  });
  client.on('error', () => {}); // the next query fails and says it; without a handler Node would end the process
  const end = () => void client.end().catch(() => {}); // it was ending already
  signal?.addEventListener('abort', end, { once: true });
  client.once('end', () => signal?.removeEventListener('abort', end));
  try {
    await client.connect();
    return client;
  } catch (error) {
    signal?.throwIfAborted();
    const late = /timeout/i.test(messageOf(error)) ? ` within ${timeout} ms` : '';
    throw new StacksError('DATABASE_UNREACHABLE', `Postgres at ${title} could not be reached${late}.`, {
      facts: { 'to do': purpose, reason: messageOf(error) || (error as NodeJS.ErrnoException).code },
      cause: error,
    });
  }
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
