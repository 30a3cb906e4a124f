// `extensions`: created in a template by a superuser, before it is migrated. Those that the server lacks are named together.
import { StacksError } from '../../errors.ts';
import { extensionTrouble, missingHint, titleOf } from '../../extensions/hints.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent } from '../client/quote.ts';
import { asServerWithout, type DatabaseServer } from '../database-server.ts';

export interface WantedExtensions {
  readonly extensions: readonly string[];
  /** The path of the database's options. */
  readonly option?: string;
}

export async function createExtensions(
  server: DatabaseServer,
  database: string,
  { extensions, option = 'database' }: WantedExtensions,
): Promise<void> {
  if (extensions.length === 0) return;
  // Where an extension goes is for the search_path to say.
  const session = { purpose: 'create extensions', database, settings: 'inherited' } as const;
  await withClient(server.connect(session), async (client) => {
    const missing = await unavailable(client, extensions);
    if (missing.length > 0) throw notAvailable(missing, server, option);
    for (const [index, extension] of extensions.entries()) {
      await client.query(`CREATE EXTENSION IF NOT EXISTS ${quoteIdent(extension)} CASCADE`).catch((cause) => {
        // One that it requires.
        const trouble = extensionTrouble(cause.message);
        if (trouble?.kind === 'not available') throw notAvailable([trouble.name], server, option, cause);
        throw new StacksError('POSTGRES_FAILED', `the extension "${extension}" could not be created.`, {
          facts: { reason: cause.message, server: `${server.kind}, Postgres ${server.version}` },
          hint: `see \`${option}.extensions[${index}]\`, or set \`database.url\` to a server that has it.`,
          cause,
        });
      });
    }
  });
}

/** Those of `extensions` that the server does not have. */
export async function unavailable(client: Client, extensions: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT a.name FROM pg_catalog.pg_available_extensions a)',
    [extensions],
  );
  return rows.map(({ name }) => name);
}

function notAvailable(names: readonly string[], from: DatabaseServer, option: string, cause?: unknown): StacksError {
  const server = asServerWithout(from);
  const list = names.map((name) => `"${name}"`).join(', ');
  const summary = `${titleOf(server)} has no extension${names.length > 1 ? 's' : ''} ${list}.`;
  return new StacksError('POSTGRES_FAILED', summary, {
    facts: { option: `${option}.extensions`, server: from.version },
    hint: missingHint(names, server),
    cause,
  });
}
