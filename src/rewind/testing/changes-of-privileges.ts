// Who may do what, and who owns what: the changes that GRANT, REVOKE and … OWNED BY make.
import type { Change } from './change.ts';

export const CHANGES_OF_PRIVILEGES: readonly Change[] = [
  { change: 'GRANT on columns', sql: 'GRANT SELECT (v) ON t TO PUBLIC' },
  { change: 'GRANT on a function', sql: 'REVOKE EXECUTE ON FUNCTION f(int) FROM PUBLIC' },
  { change: 'GRANT on a schema', sql: 'GRANT CREATE ON SCHEMA side TO PUBLIC' },
  { change: 'GRANT on schema public', sql: 'GRANT ALL ON SCHEMA public TO other', by: 'superuser' },
  { change: 'GRANT on a type', sql: 'REVOKE USAGE ON TYPE mood FROM PUBLIC' },
  { change: 'GRANT on a sequence', sql: 'GRANT USAGE ON SEQUENCE q TO PUBLIC' },
  { change: 'GRANT on a language', sql: 'REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC', by: 'superuser' },
  { change: 'GRANT on a foreign server', sql: 'GRANT USAGE ON FOREIGN SERVER srv TO PUBLIC' },
  {
    change: 'GRANT on a function of the system',
    sql: 'REVOKE EXECUTE ON FUNCTION pg_catalog.now() FROM PUBLIC',
    by: 'superuser',
  },
  {
    change: 'DROP OWNED BY, which revokes only',
    sql: 'DROP OWNED BY other',
    by: 'superuser',
  },
  { change: 'REASSIGN OWNED', sql: 'REASSIGN OWNED BY weak TO other', by: 'superuser' },
];
