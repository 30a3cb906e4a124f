import type { DatabaseOptions, StackOptions } from './options.ts';

/** The databases of a stack's options, each by the path that the user wrote: `database`, `databases.audit`. */
export function databasesOf({ database, databases = {} }: StackOptions): (readonly [string, DatabaseOptions])[] {
  const named = Object.entries(databases).map(([name, each]) => [`databases.${name}`, each] as const);
  return database === undefined ? named : [['database', database], ...named];
}
