// What is wrong with `database` and `databases` beyond the shape of each.
import { MAIN_DATABASE } from '../names.ts';
import type { DatabaseOptions, NamedDatabaseOptions, StackOptions, StacksOptions } from './options.ts';
import type { Mistake } from './server-mistakes.ts';

export function databaseMistakes({ database, databases, variants = {} }: StacksOptions): Mistake[] {
  const ofVariants = Object.entries(variants).flatMap(([name, own]) =>
    variantMistakes(`variants.${name}`, own, databases),
  );
  if (databases === undefined) return ofVariants;
  const named = Object.entries(databases);
  return [
    ...(database === undefined
      ? []
      : [{ path: 'databases', text: 'cannot stand beside `database`: move that one to `databases.main`' }]),
    ...(databases[MAIN_DATABASE] === undefined
      ? [{ path: 'databases', text: 'needs one called `main`, which DATABASE_URL and PGDATABASE name' }]
      : []),
    ...named.flatMap(([name, each]) => nameMistakes(`databases.${name}`, name, each)),
    ...sameVariable(named),
    ...ofVariants,
  ];
}

/** The variable that gets a database's connection string, beside `DATABASE_URL` for `main`. */
export function urlVariable(name: string, { env }: NamedDatabaseOptions): string {
  return env ?? `${name.toUpperCase()}_DATABASE_URL`;
}

function variantMistakes(path: string, own: StackOptions, all: StacksOptions['databases']): Mistake[] {
  const urls = Object.entries({ database: own.database, ...prefixed(own.databases) }).flatMap(([option, each]) =>
    each?.url === undefined
      ? []
      : [
          {
            path: `${path}.${option}.url`,
            text: `is one for the whole run: set \`${all ? 'databases.main' : 'database'}.url\``,
          },
        ],
  );
  if (all && own.database) urls.push({ path: `${path}.database`, text: 'is not possible: write `databases.main`' });
  for (const name of Object.keys(own.databases ?? {})) {
    if (all?.[name] === undefined) urls.push({ path: `${path}.databases.${name}`, text: 'is none of `databases`' });
  }
  return urls;
}

function prefixed(databases: StackOptions['databases'] = {}): Record<string, DatabaseOptions> {
  return Object.fromEntries(Object.entries(databases).map(([name, each]) => [`databases.${name}`, each]));
}

function nameMistakes(path: string, name: string, { url, env }: NamedDatabaseOptions): Mistake[] {
  const mistakes: Mistake[] = [];
  // It ends the names of clones and templates, which have 63 bytes.
  if (!/^(?!.*__)[a-z][a-z0-9_]{0,15}$/.test(name)) {
    mistakes.push({
      path,
      text: 'must be named with a lower-case letter, then at most 15 of those, digits or single `_`',
    });
  }
  if (name === MAIN_DATABASE) return mistakes;
  if (url !== undefined)
    mistakes.push({ path: `${path}.url`, text: 'is one for the whole run: set `databases.main.url`' });
  if (env !== undefined && /^(DATABASE_URL|PG[A-Z]+)$/.test(env)) {
    mistakes.push({ path: `${path}.env`, text: `is ${env}, which names \`main\`` });
  }
  return mistakes;
}

function sameVariable(named: readonly (readonly [string, NamedDatabaseOptions])[]): Mistake[] {
  const variables = named.map(([name, each]) => urlVariable(name, each));
  return named.flatMap(([name], index) => {
    const first = variables.indexOf(variables[index] ?? '');
    if (first === index) return [];
    return [{ path: `databases.${name}.env`, text: `is ${variables[index]}, which names \`${named[first]?.[0]}\`` }];
  });
}
