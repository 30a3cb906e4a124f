// Connection strings that stand in a server's `env`: every slot would be on that one database.
import { isAllowed } from './inherited-databases.ts';
import type { Mistake } from './mistake.ts';
import { isSameTarget, type PostgresTarget, readPostgresValue, targetTitle } from './postgres-value.ts';

/** A connection string under a server's variable, which the user wrote there. */
export interface LiteralDatabase {
  readonly path: string;
  readonly variable: string;
  readonly target: PostgresTarget;
  /** As `database.env` would have it. */
  readonly template: string;
}

export function literalDatabases(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  allowed: readonly string[],
): LiteralDatabase[] {
  return Object.entries(env).flatMap(([variable, text]) => {
    const value = text === undefined || text.includes('{') ? undefined : readPostgresValue(text);
    if (!value || isAllowed({ variables: [variable], target: value.target }, allowed)) return [];
    return [{ path: `${path}.${variable}`, variable, ...value }];
  });
}

/** Those that name the development database: the very thing that must not happen. */
export function literalMistakes(
  literals: readonly LiteralDatabase[],
  development: PostgresTarget | undefined,
): Mistake[] {
  return literals
    .filter(({ target }) => development !== undefined && isSameTarget(target, development))
    .map(({ path, variable, target, template }) => {
      const env = template === '{url}' ? `'${variable}'` : `{ ${variable}: '${template}' }`;
      const text = `names the development database, ${targetTitle(target)}. Leave it out, and write: database: { env: ${env} }`;
      return { path, text };
    });
}
