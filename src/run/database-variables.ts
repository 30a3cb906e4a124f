// The environment variables that name a stack's databases: DATABASE_URL and libpq's, and what `database.env` says.
import { fillTemplates } from '../config/connection-template.ts';
import type { ResolvedDatabase } from '../config/resolved.ts';
import { connectionParts, databaseEnv } from '../postgres/client/connection-string.ts';

type Databases = readonly Pick<ResolvedDatabase, 'env' | 'inheritedEnv'>[];

/** For servers and tests. `urls` are in the order of `databases`; libpq's variables name the first. */
export function stackVariables(databases: Databases, urls: readonly string[]): Record<string, string> {
  const [first = ''] = urls;
  const own = databases.map(({ env, inheritedEnv }, index) =>
    fillTemplates({ ...inheritedEnv, ...env }, connectionParts(urls[index] ?? first)),
  );
  return Object.assign(databaseEnv(first), ...own);
}

/**
 * For `migrate` and `seed` of one database, whose `url` each of the variables has: what they name in the developer's
 * environment is not for a step of ours, and the others' templates are not there yet.
 */
export function stepVariables(databases: Databases, url: string): Record<string, string> {
  return stackVariables(
    databases,
    databases.map(() => url),
  );
}
