// Makes a database that is ours by proof from its first moment on: its entry is written before; it is created under a name
// that nobody could know; it gets its own name, and its entry the oid, in one transaction.
import { randomBytes } from 'node:crypto';
import { StacksError } from '../../errors.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { dropOurs } from './drop.ts';
import { amendment, type Entry, type Made, type Note, register } from './registry.ts';

export interface MakeOptions extends Pick<Note, 'kind' | 'run' | 'name' | 'template'> {
  /** For people: it proves nothing. */
  readonly comment: string;
  /** What is copied. @default template1 */
  readonly from?: { readonly database: string; readonly bytes: number };
  /** @default none */
  readonly connectionLimit?: number;
  /** Statements in the transaction in which it gets its name; before, nobody can connect to it. */
  readonly finish?: readonly string[];
}

/** What fails leaves nothing. Throws DATABASE_UNFIT when somebody has a database of that name. */
export async function makeDatabase(server: DatabaseServer, client: Client, options: MakeOptions): Promise<Made> {
  const { kind, run, name, template } = options;
  const making = `stk_making_${randomBytes(8).toString('hex')}`;
  const begun = await register(client, { kind, run, name, ...(template && { template }) }, making);
  try {
    await client.query(createStatement(server, making, options));
    const oid = await oidOf(client, making);
    const { making: _, ...note } = begun.note;
    const entry = { ...begun, note: { ...note, oid } };
    await client.query(namingStatements(making, entry, options).join(';\n')); // one message, therefore one transaction
    return { name, oid, entry };
  } catch (error) {
    // By another session where this one is lost.
    await dropOurs(client, begun).catch(() =>
      withClient(server.connect({ purpose: `drop ${making}` }), (other) => dropOurs(other, begun)),
    );
    throw codeOf(error) === DUPLICATE_DATABASE ? taken(name, error) : error;
  }
}

/** Below this a server that flushes is quicker through its log than by copying files and flushing each. */
const SMALL = 100 * 2 ** 20;

function createStatement(server: DatabaseServer, making: string, { from, connectionLimit = -1 }: MakeOptions): string {
  return `
    CREATE DATABASE ${quoteIdent(making)}
      OWNER ${quoteIdent(server.owner)}
      TEMPLATE ${quoteIdent(from?.database ?? 'template1')}
      ALLOW_CONNECTIONS false
      CONNECTION LIMIT ${connectionLimit}
      ${strategy(server, from?.bytes ?? 0)}`;
}

function strategy({ versionNumber, durability }: DatabaseServer, bytes: number): string {
  if (versionNumber < 150_000) return ''; // files are copied, and there is no choice
  return durability === 'none' || bytes >= SMALL ? 'STRATEGY FILE_COPY' : 'STRATEGY WAL_LOG';
}

function namingStatements(making: string, entry: Entry, { name, comment, finish = [] }: MakeOptions): string[] {
  return [
    `ALTER DATABASE ${quoteIdent(making)} RENAME TO ${quoteIdent(name)}`,
    `ALTER DATABASE ${quoteIdent(name)} WITH ALLOW_CONNECTIONS true`,
    `COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(comment)}`,
    ...finish,
    amendment(entry),
  ];
}

async function oidOf(client: Client, name: string): Promise<string> {
  const { rows } = await client.query<{ oid: string }>(
    'SELECT oid::text AS oid FROM pg_catalog.pg_database WHERE datname = $1',
    [name],
  );
  const [found] = rows;
  if (!found) throw new Error(`the database "${name}" was dropped as soon as it was made`);
  return found.oid;
}

const DUPLICATE_DATABASE = '42P04';

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function taken(name: string, cause: unknown): StacksError {
  return new StacksError('DATABASE_UNFIT', `there is a database "${name}", which is not of this run.`, {
    hint: `its name was meant for this run: if nobody needs it, \`DROP DATABASE ${quoteIdent(name)}\`.`,
    cause,
  });
}
