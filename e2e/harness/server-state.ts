// The databases, roles, entries of the registry and advisory locks of a server, compared with what they were.
import type { ExistingServer } from './existing-server.ts';
import type { Leak, Watched } from './leaks.ts';

/** Templates are kept on purpose, for the next run, with their entries. */
const KEPT = /^stk_template_|"kind":"template"/;

const STATE = `
  SELECT 'database' AS kind, datname::text AS name FROM pg_database
  UNION ALL
  SELECT 'role', rolname::text FROM pg_roles
  UNION ALL
  SELECT 'entry', format('%s %s', objoid, description) FROM pg_description WHERE classoid = 'pg_largeobject'::regclass
  UNION ALL
  SELECT 'advisory lock', format('%s %s %s of pid %s', classid, objid, mode, pid) FROM pg_locks WHERE locktype = 'advisory'
`;

export async function serverState(adminQuery: ExistingServer['adminQuery']): Promise<Watched> {
  const look = async (): Promise<Leak[]> => {
    const rows = await adminQuery(STATE);
    return rows.map(({ kind, name }) => ({ kind: kind as Leak['kind'], text: String(name) }));
  };
  const key = ({ kind, text }: Leak) => `${kind} ${text}`;
  let known = new Set((await look()).map(key));
  return {
    leaks: async () => (await look()).filter((found) => !known.has(key(found)) && !KEPT.test(found.text)),
    accept: async () => {
      known = new Set((await look()).map(key));
    },
  };
}
