// A stack's databases, set aside as a test left them: copies, beside the clones that the run goes on with. Each has a
// comment that says what it is; nothing drops it but `clean`.
import { cloneName, keptName, runOfKept, unfinishedKeptName } from '../../names.ts';
import { freeLock, RUN_LOCK, tryLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { createDatabase } from './create-database.ts';
import { readExtras, replayExtras } from './database-extras.ts';
import { dropOurs, endSessions } from './drop.ts';
import { type Kept, type KeptAfter, type Marker, markerComment, readMarker } from './marker.ts';
import { ourDatabases } from './our-databases.ts';

export interface SetAside {
  readonly run: string;
  /** Their number in the run. */
  readonly n: number;
  readonly databases: readonly { readonly name: string; readonly database: string }[];
  readonly after: KeptAfter;
}

/** Milliseconds that the sessions on a database get to end. */
const PATIENCE = 5_000;

/** Copies the databases, whose sessions are ended for that. All of them are kept, or none is and nothing stays. */
export async function setAside(server: DatabaseServer, { run, n, databases, after }: SetAside): Promise<void> {
  const copies = databases.map(({ name, database }) => ({
    from: database,
    unfinished: cloneName(unfinishedKeptName(run, n), name),
    kept: cloneName(keptName(run, n), name),
    marker: { run, kept: { ...after, database: name } },
  }));
  const purpose = `keep ${keptName(run, n)}`;
  await withClient(server.connect({ purpose }), async (client) => {
    try {
      for (const { from, unfinished, marker } of copies) await copy(server, client, from, unfinished, marker);
      const rename = copies.map(
        ({ unfinished, kept }) => `ALTER DATABASE ${quoteIdent(unfinished)} RENAME TO ${quoteIdent(kept)}`,
      );
      await client.query(rename.join(';\n')); // one message, therefore one transaction
    } catch (error) {
      await withClient(server.connect({ purpose }), async (other) => {
        for (const { unfinished } of copies) await dropOurs(other, unfinished);
      });
      throw error;
    }
  });
}

/** Those on the server that carry our comment, whoever's they are; the oldest first. */
export async function keptDatabases(client: Client): Promise<Kept[]> {
  const found = (await ourDatabases(client)).flatMap(({ name, comment }) => {
    const marker = readMarker(comment);
    if (!marker?.kept || runOfKept(name) !== marker.run) return [];
    const { database, ...after } = marker.kept;
    return [{ main: name.replace(/__.*$/, ''), run: marker.run, name: database, database: name, after }];
  });
  const { rows } = await client.query<{ name: string; bytes: string }>(SIZES, [found.map(({ database }) => database)]);
  const sizes = new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
  const stacks = new Map(found.map(({ main, run, after }) => [main, { name: main, run, ...after }]));
  const all = [...stacks.values()].map((stack): Kept => {
    const own = found.filter(({ main }) => main === stack.name);
    const databases = own.map(({ name, database }) => ({ name, database, bytes: sizes.get(database) ?? 0 }));
    return { ...stack, databases };
  });
  return all.sort((a, b) => a.at.localeCompare(b.at));
}

/** `look`: only says whether it would. A run that lives, here or elsewhere, has what it has kept. */
export async function dropKept(client: Client, { run, databases }: Kept, how: 'drop' | 'look'): Promise<boolean> {
  if (!(await tryLock(client, RUN_LOCK, run))) return false;
  try {
    for (const { database } of databases) if (how === 'drop') await dropOurs(client, database);
    return true;
  } finally {
    await freeLock(client, RUN_LOCK, run);
  }
}

async function copy(server: DatabaseServer, client: Client, from: string, to: string, marker: Marker): Promise<void> {
  const { owner } = server;
  await client.query(`ALTER DATABASE ${quoteIdent(from)} WITH ALLOW_CONNECTIONS false`);
  try {
    await endSessions(client, from, PATIENCE);
    const extras = await readExtras(client, from);
    const { bytes, connectionLimit } = extras;
    await createDatabase(server, client, { name: to, owner, template: from, bytes, connectionLimit });
    const comment = `COMMENT ON DATABASE ${quoteIdent(to)} IS ${quoteLiteral(markerComment(marker))}`;
    await client.query([comment, ...replayExtras(extras, to, owner)].join(';\n'));
  } finally {
    await client.query(`ALTER DATABASE ${quoteIdent(from)} WITH ALLOW_CONNECTIONS true`);
  }
}

const SIZES = `
  SELECT datname AS name, pg_catalog.pg_database_size(oid) AS bytes
    FROM pg_catalog.pg_database
   WHERE datname = ANY ($1)`;
