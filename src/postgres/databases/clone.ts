// A database made from a template, with what CREATE DATABASE leaves behind.
import { withClient } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { createDatabase } from './create-database.ts';
import { replayExtras } from './database-extras.ts';
import { dropOurs } from './drop.ts';
import { markerComment } from './marker.ts';
import type { Template } from './template.ts';

export interface CloneOptions {
  /** Has the run's key in it: naming is one with creating. */
  readonly name: string;
  readonly run: string;
  readonly signal: AbortSignal;
}

/** Creates the clone; when that fails halfway, nothing stays. */
export async function createClone(server: DatabaseServer, template: Template, options: CloneOptions): Promise<void> {
  const { name, run, signal } = options;
  const { extras } = template;
  signal.throwIfAborted();
  // Once begun it is not aborted: a CREATE DATABASE whose session is gone would land later, without our mark.
  await withClient(server.connect({ purpose: `clone ${name}` }), async (client) => {
    const { owner } = server;
    const { bytes, connectionLimit } = extras;
    await createDatabase(server, client, { name, owner, template: template.database, bytes, connectionLimit });
    try {
      const comment = `COMMENT ON DATABASE ${quoteIdent(name)} IS ${quoteLiteral(markerComment({ run }))}`;
      await client.query([comment, ...replayExtras(extras, name, owner)].join(';\n'));
    } catch (error) {
      await withClient(server.connect({ purpose: `drop ${name}` }), (other) => dropOurs(other, name));
      throw error;
    }
  });
}
