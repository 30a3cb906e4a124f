// What the end of a run says when its servers have used none of its databases.
import type { ResolvedVariant } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { DEFAULT_VARIANT } from '../../names.ts';

export function databaseUnused({ name, servers }: ResolvedVariant, info: StackInfo | undefined): StacksError {
  const of = name === DEFAULT_VARIANT ? '' : ` of variant '${name}'`;
  const names = servers.filter(({ command, database }) => command !== undefined && database !== 'none');
  const who = names.map((server) => `"${server.name}"`).join(', ');
  return new StacksError('DATABASE_UNUSED', `no server${of} was ever on its slot’s database.`, {
    facts: { servers: who, 'variables given': Object.keys(info?.env ?? {}).join(', ') },
    hint: "let a server read one of these variables, or name the one that it reads in `database.env`. A Unix socket or another kind of database is not seen. Servers that use none: `database: 'none'` beside their `command`.",
  });
}
