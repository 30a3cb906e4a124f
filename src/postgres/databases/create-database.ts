// CREATE DATABASE, by the quickest road of this server.
import type { Client } from '../client/connection.ts';
import { quoteIdent } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';

export interface CreateOptions {
  readonly name: string;
  readonly owner: string;
  /** Default: template1. */
  readonly template?: string;
  /** Of the template. */
  readonly bytes?: number;
  readonly connectionLimit?: number;
}

/** Below this a server that flushes is quicker through its log than by copying files and flushing each. */
const SMALL = 100 * 2 ** 20;

export async function createDatabase(server: DatabaseServer, client: Client, options: CreateOptions): Promise<void> {
  const { name, owner, template = 'template1', connectionLimit = -1 } = options;
  await client.query(
    `CREATE DATABASE ${quoteIdent(name)}
       OWNER ${quoteIdent(owner)}
       TEMPLATE ${quoteIdent(template)}
       CONNECTION LIMIT ${connectionLimit}
       ${strategy(server, options.bytes ?? 0)}`,
  );
}

function strategy({ versionNumber, durability }: DatabaseServer, bytes: number): string {
  if (versionNumber < 150_000) return ''; // files are copied, and there is no choice
  return durability === 'none' || bytes >= SMALL ? 'STRATEGY FILE_COPY' : 'STRATEGY WAL_LOG';
}
