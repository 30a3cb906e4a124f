// `sql`: the statements of the applications are logged and counted from now on, when templates and build are done.
import type { ResolvedSql } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { RunFile, StatementLog } from '../lease/run-file.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import type { Counting } from '../postgres/statements/counting.ts';

export async function watchStatements(
  postgres: DatabaseServer,
  sql: ResolvedSql,
  events: Events,
  stacks: number,
): Promise<Pick<RunFile, 'statements' | 'counting'>> {
  const [statements, counting] = await Promise.all([log(postgres, sql, events), count(postgres, sql, events, stacks)]);
  return { statements, counting };
}

async function log(
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

async function count(
  postgres: DatabaseServer,
  { counts }: ResolvedSql,
  events: Events,
  stacks: number,
): Promise<Counting | undefined> {
  if (!counts) return undefined;
  const counting = await postgres.countStatements(stacks);
  if (!('why' in counting)) return counting;
  events.emit({ type: 'statements-not-counted', why: counting.why });
  return undefined;
}
