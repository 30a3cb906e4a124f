// What a role may, and what a superuser has to say so that it may more.
import { messageOf, StacksError } from '../errors.ts';
import { rowsOf, type Sql, sqlStateOf } from './client.ts';

/** Makes foreign keys, rules, triggers and row-level security no matter to a rewind. */
export const PRIVILEGE_HINT =
  'a superuser changes that: GRANT SET ON PARAMETER session_replication_role TO <role>; ALTER ROLE <role> BYPASSRLS (before Postgres 15: ALTER ROLE <role> SUPERUSER)';

/** Whether this session's rewinds are bound by none of these. */
export async function isUnbound(client: Sql): Promise<boolean> {
  try {
    await rowsOf(
      client,
      `SELECT set_config('session_replication_role', current_setting('session_replication_role'), false)`,
    );
    return true;
  } catch (error) {
    if (sqlStateOf(error) !== '42501') throw error;
    return false;
  }
}

/** Of an error while capture is installed: triggers can be put on tables only by who owns them. */
export function notOwned(error: unknown): unknown {
  if (sqlStateOf(error) !== '42501') return error;
  return new StacksError('REWIND_PRIVILEGE', `this role may not capture what is written: ${messageOf(error)}.`, {
    hint: 'let `database.migrate` and the application connect as the role of `database.url`, so that it owns their tables, or let `database.url` name a superuser.',
    cause: error,
  });
}
