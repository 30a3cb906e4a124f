// What other roles have planted in `template1`: every new database has it, and where a superuser works in one, the
// expressions of their tables, types and functions would be evaluated with a superuser's rights.
import { StacksError } from '../../errors.ts';
import { withClient } from '../client/connection.ts';
import type { DatabaseServer } from '../database-server.ts';

interface Planted {
  readonly role: string;
  readonly count: number;
  readonly example: string;
}

/** Throws DATABASE_UNFIT when `database`, which nobody has used yet, holds some, and our role is a superuser. */
export async function refusePlanted(server: DatabaseServer, database: string): Promise<void> {
  if (server.kind === 'embedded') return; // its `template1` is ours
  const session = { purpose: `look into ${database}`, database };
  const { rows } = await withClient(server.connect(session), (client) => client.query<Planted>(PLANTED));
  const [first] = rows;
  if (!first) return;
  const { role } = first;
  const objects = rows.map((each) => `${each.count} of "${each.role}" (${each.example}${each.count > 1 ? ', …' : ''})`);
  throw new StacksError('DATABASE_UNFIT', `the database "template1" holds objects of the role "${role}".`, {
    facts: {
      objects: objects.join(', '),
      why: 'every new database has them, and a run as a superuser would execute their functions and expressions',
    },
    hint: `let \`database.url\` name a role that is no superuser, or drop them there (\`DROP OWNED BY "${role}"\` in template1).`,
  });
}

const PLANTED = `
  SELECT rolname AS role, count(*)::int AS count,
         min(CASE classid WHEN 'pg_class'::regclass THEN objid::regclass::text
                          WHEN 'pg_proc'::regclass THEN objid::regprocedure::text
                          ELSE objid::regtype::text END) AS example
    FROM pg_catalog.pg_shdepend
    JOIN pg_catalog.pg_roles r ON r.oid = refobjid
   WHERE current_setting('is_superuser') = 'on' AND NOT rolsuper
     AND dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
     AND refclassid = 'pg_authid'::regclass AND deptype = 'o'
     AND classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass)
   GROUP BY rolname
   ORDER BY rolname`;
