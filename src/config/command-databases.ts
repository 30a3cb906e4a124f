// Connection strings in the commands of the options: every slot would be on that one database.
import { databasesOf } from './databases-of.ts';
import { isAllowed } from './inherited-databases.ts';
import type { Mistake } from './mistake.ts';
import type { StackOptions, StacksOptions, TaskOption } from './options.ts';
import { type PostgresTarget, readPostgresValue, targetTitle } from './postgres-value.ts';

/** `NAME=postgres://…` or the string alone; with a `$` in it the shell decides. */
const IN_COMMAND = /(?:(\w+)=)?(["']?)(postgres(?:ql)?:\/\/[^\s"'$]+)\2(?=\s|$|;)/g;

/** Those of `build` and of the databases' steps. */
export function stepMistakes({ build, allowDatabases = [], variants = {}, ...options }: StacksOptions): Mistake[] {
  const stacks = { '': options, ...prefixed(variants) };
  return [
    ...commandMistakes('build', 'build', typeof build === 'object' ? build.command : build, allowDatabases),
    ...Object.entries(stacks).flatMap(([prefix, stack]) =>
      databasesOf(stack).flatMap(([path, database]) =>
        (['migrate', 'seed', 'prepare'] as const).flatMap((step) =>
          commandMistakes(`${prefix}${path}.${step}`, step, database[step], allowDatabases),
        ),
      ),
    ),
  ];
}

function prefixed(variants: NonNullable<StacksOptions['variants']>): Record<string, StackOptions> {
  return Object.fromEntries(Object.entries(variants).map(([name, stack]) => [`variants.${name}.`, stack]));
}

/** @param option the last word of `path`: `migrate` */
export function commandMistakes(
  path: string,
  option: string,
  command: TaskOption<never> | undefined,
  allowed: readonly string[],
): Mistake[] {
  if (typeof command !== 'string') return [];
  const named: PostgresTarget[] = [];
  const edited = command.replace(IN_COMMAND, (all, variable: string | undefined, _, url: string) => {
    const target = readPostgresValue(url)?.target;
    const variables = variable === undefined ? [] : [variable];
    if (!target || isAllowed({ variables, target }, allowed)) return all;
    named.push(target);
    return variable === undefined ? '"$DATABASE_URL"' : '';
  });
  if (named.length === 0) return [];
  const what = [...new Set(named.map(targetTitle))].join(', ');
  return [
    { path, text: `names a database of its own, ${what}. Write: ${option}: '${edited.replace(/ +/g, ' ').trim()}'` },
  ];
}
