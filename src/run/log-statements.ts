// `sql`: the statements of the applications are logged from now on, when templates and build are done.
import type { ResolvedSql } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { StatementLog } from '../lease/run-file.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';

export async function logStatements(
  postgres: DatabaseServer,
  { when, parameters }: ResolvedSql,
  events: Events,
): Promise<StatementLog | undefined> {
  if (when === 'off') return undefined;
  const file = await postgres.logStatements({ parameters });
  if (file !== undefined) return { file, when, parameters };
  const why = 'the log of an existing server cannot be read';
  events.emit({ type: 'statements-not-logged', why });
  return undefined;
}
