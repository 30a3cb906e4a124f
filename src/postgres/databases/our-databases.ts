// The databases that are ours by proof: an entry names the database's oid, on this server, and was written by a role that
// could as well have dropped the database. A copy, a restored dump, a database with any name and comment is not.
import type { Client } from '../client/connection.ts';
import { type Entry, readEntries } from './registry.ts';

export interface Found {
  readonly oid: string;
  readonly name: string;
  /** The oid of its role. */
  readonly owner: string;
  readonly isTemplate: boolean;
  readonly allowsConnections: boolean;
  /** The version of its row in pg_database: another one after every ALTER DATABASE but SET. */
  readonly row: string;
}

export interface Ours extends Entry {
  /** Undefined: it is gone, or was never made, or is somebody's who has renamed it. */
  readonly database: Found | undefined;
}

/**
 * Those of this session's role and of superusers; for a superuser those of all roles, which are good for dropping only.
 * @param only one entry, instead of all
 */
export async function ourDatabases(client: Client, only?: Entry): Promise<Ours[]> {
  const entries = await readEntries(client, only);
  const { rows } = await client.query<Found>(DATABASES);
  return entries.flatMap((entry): Ours[] => {
    const database = rows.find((found) => isOf(found, entry));
    const isClaimed = entry.by === 'another role' && database !== undefined && database.owner !== entry.owner;
    return isClaimed ? [] : [{ ...entry, database }];
  });
}

function isOf({ oid, name, owner }: Found, entry: Entry): boolean {
  const { note } = entry;
  if (note.oid !== undefined) return oid === note.oid && name === note.name;
  return name === note.making?.name && owner === entry.owner;
}

const DATABASES = `
  SELECT oid::text      AS oid,
         datname        AS name,
         datdba::text   AS owner,
         datistemplate  AS "isTemplate",
         datallowconn   AS "allowsConnections",
         xmin::text     AS row
    FROM pg_catalog.pg_database`;
