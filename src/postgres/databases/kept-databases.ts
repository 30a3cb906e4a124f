// A stack's databases, set aside as a test left them: copies, beside the clones that the run goes on with. Nothing drops
// them but `clean`.
import { cloneName, keptName } from '../../names.ts';
import { freeLock, RUN_LOCK, tryLock } from '../client/advisory-lock.ts';
import { type Client, withClient } from '../client/connection.ts';
import { quoteIdent } from '../client/quote.ts';
import type { DatabaseServer } from '../database-server.ts';
import { readExtras, replayExtras } from './database-extras.ts';
import { dropMade, dropOurs, endSessions } from './drop.ts';
import type { Kept, KeptAfter } from './kept.ts';
import { makeDatabase } from './make-database.ts';
import { type Found, ourDatabases } from './our-databases.ts';
import { amendment, type Made } from './registry.ts';

export interface SetAside {
  readonly run: string;
  /** Their number in the run. */
  readonly n: number;
  readonly databases: readonly { readonly name: string; readonly database: string }[];
  readonly after: KeptAfter;
}

/** Milliseconds that the sessions on a database get to end. */
const SESSIONS_TIMEOUT_MS = 5_000;

/** Copies the databases, whose sessions are ended for that. All of them are kept, or none is and nothing stays. */
export async function setAside(server: DatabaseServer, { run, n, databases, after }: SetAside): Promise<void> {
  const made: Made[] = [];
  await withClient(server.connect({ purpose: `keep ${keptName(run, n)}` }), async (client) => {
    try {
      const ours = await ourDatabases(client);
      for (const { name, database } of databases) {
        const from = ours.find(({ note }) => note.kind === 'run' && note.run === run && note.name === database);
        if (!from?.database) throw new Error(`the database "${database}" was renamed or dropped`);
        made.push(await copy(server, client, from.database, { run, name: cloneName(keptName(run, n), name) }));
      }
      const notes = made.map(({ entry }, index): string => {
        const kept = { ...after, database: databases[index]?.name ?? '' };
        return amendment({ ...entry, note: { ...entry.note, kind: 'kept', kept } });
      });
      await client.query(notes.join(';\n')); // one message, therefore one transaction
    } catch (error) {
      for (const each of made) await dropMade(server, each);
      throw error;
    }
  });
}

/** Those that this role, or a superuser, has set aside; the oldest first. */
export async function keptDatabases(client: Client): Promise<Kept[]> {
  const found = (await ourDatabases(client)).flatMap(({ by, note, database }) => {
    if (note.kind !== 'kept' || !note.kept || !database || by === 'another role') return [];
    const { database: name, ...after } = note.kept;
    return [{ main: database.name.replace(/__.*$/, ''), run: note.run, name, database: database.name, after }];
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
    const ours = (await ourDatabases(client)).filter(({ mayDrop, note }) => mayDrop && note.kind === 'kept');
    const those = ours.filter(
      ({ note }) => note.run === run && databases.some(({ database }) => database === note.name),
    );
    if (how === 'drop') for (const each of those) await dropOurs(client, each);
    return true;
  } finally {
    await freeLock(client, RUN_LOCK, run);
  }
}

/** One of the run's, until all of them are there. */
async function copy(
  server: DatabaseServer,
  client: Client,
  from: Found,
  { run, name }: { run: string; name: string },
): Promise<Made> {
  await client.query(`ALTER DATABASE ${quoteIdent(from.name)} WITH ALLOW_CONNECTIONS false`);
  try {
    await endSessions(client, from.oid, SESSIONS_TIMEOUT_MS);
    const extras = await readExtras(client, from.name);
    return await makeDatabase(server, client, {
      ...{ kind: 'run', run, name },
      comment: 'Kept by playwright-stacks. Only `npx playwright-stacks clean` drops it.',
      from: { database: from.name, bytes: extras.bytes },
      connectionLimit: extras.connectionLimit,
      finish: replayExtras(extras, name, server.owner),
    });
  } finally {
    await client.query(`ALTER DATABASE ${quoteIdent(from.name)} WITH ALLOW_CONNECTIONS true`);
  }
}

const SIZES = `
  SELECT datname AS name, pg_catalog.pg_database_size(oid) AS bytes
    FROM pg_catalog.pg_database
   WHERE datname = ANY ($1)`;
