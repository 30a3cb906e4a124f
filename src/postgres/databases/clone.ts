// A database made from a template, with what CREATE DATABASE leaves behind.
import { withClient } from '../client/connection.ts';
import type { DatabaseServer } from '../database-server.ts';
import { replayExtras } from './database-extras.ts';
import { makeDatabase } from './make-database.ts';
import type { Made } from './registry.ts';
import type { Template } from './template.ts';

export interface CloneOptions {
  readonly name: string;
  readonly run: string;
  readonly signal: AbortSignal;
}

/** Creates the clone; when that fails halfway, nothing stays. */
export async function createClone(
  server: DatabaseServer,
  { database, extras }: Template,
  { name, run, signal }: CloneOptions,
): Promise<Made> {
  signal.throwIfAborted();
  // Once begun it is not aborted: a CREATE DATABASE whose session is gone lands later.
  return withClient(server.connect({ purpose: `clone ${name}` }), (client) =>
    makeDatabase(server, client, {
      ...{ kind: 'run', run, name },
      comment: `Made by playwright-stacks for its run ${run}, and dropped with it.`,
      from: { database, bytes: extras.bytes },
      connectionLimit: extras.connectionLimit,
      finish: replayExtras(extras, name, server.owner),
    }),
  );
}
