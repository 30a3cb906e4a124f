// Which databases of an existing server are named like ours, with what their comments say.
import type { Client } from '../client/connection.ts';

export interface Found {
  readonly name: string;
  readonly comment: string | null;
  /** A finished template. */
  readonly sealed: boolean;
}

/** The databases that are named like ours and that this role may drop. */
export async function ourDatabases(client: Client): Promise<Found[]> {
  const { rows } = await client.query<Found>(`
    SELECT datname                                                      AS name,
           pg_catalog.shobj_description(oid, 'pg_database')             AS comment,
           datistemplate                                                AS sealed
      FROM pg_catalog.pg_database
     WHERE datname LIKE 'stk\\_%'
       AND pg_catalog.pg_has_role(datdba, 'MEMBER')
     ORDER BY datname`);
  return rows;
}
