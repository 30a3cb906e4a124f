// What a database holds of the user's: schemas, relations, types, functions, extensions, large objects.

import { withClient } from '../../postgres/client/connection.ts';
import { databaseOf } from '../../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';

/**
 * Of the database that `url` names: the same text as long as nothing of it was made, dropped or made anew. By a session of
 * ours, in which no operator of the database's is found.
 */
export function objectsAt(server: DatabaseServer, url: string): Promise<string> {
  const database = databaseOf(url) ?? '';
  return withClient(server.connect({ purpose: `objects of ${database}`, database }), async (client) => {
    const { rows } = await client.query<{ objects: string }>(OBJECTS);
    return rows[0]?.objects ?? '';
  });
}

const CATALOGS = ['class', 'type', 'proc', 'extension', 'largeobject_metadata', 'publication', 'foreign_server'];

/** Temporary tables leave schemas of their own behind. */
const OBJECTS = `
  SELECT pg_catalog.concat_ws(' ',
    (SELECT pg_catalog.md5(pg_catalog.string_agg(oid::text, ',' ORDER BY oid))
       FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'),
    ${CATALOGS.map((name) => `(SELECT pg_catalog.md5(pg_catalog.string_agg(oid::text, ',' ORDER BY oid)) FROM pg_catalog.pg_${name} WHERE oid >= 16384)`).join(',\n    ')}
  ) AS objects`;
