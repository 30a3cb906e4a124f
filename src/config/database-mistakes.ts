// What is wrong with `database` and `databases` beyond the shape of each.
import { MAIN_DATABASE } from '../names.ts';
import { PLACEHOLDERS, unknownPlaceholders, type VariableTemplates, variableTemplates } from './connection-template.ts';
import { databasesOf } from './databases-of.ts';
import type { Mistake } from './mistake.ts';
import type { DatabaseOptions, NamedDatabaseOptions, StackOptions, StacksOptions } from './options.ts';

export function databaseMistakes({ database, databases, variants = {} }: StacksOptions): Mistake[] {
  const ofVariants = Object.entries(variants).flatMap(([name, own]) => [
    ...variantMistakes(`variants.${name}`, own, databases),
    ...databasesOf(own).flatMap(([option, each]) => templateMistakes(`variants.${name}.${option}.env`, each.env)),
  ]);
  if (databases === undefined) {
    return [
      ...serverMistakesIn('database', database ?? {}),
      ...templateMistakes('database.env', database?.env),
      ...ofVariants,
    ];
  }
  const named = Object.entries(databases);
  return [
    ...(database === undefined
      ? []
      : [{ path: 'databases', text: 'cannot be used together with `database`: move that to `databases.main`' }]),
    ...(databases[MAIN_DATABASE] === undefined
      ? [{ path: 'databases', text: 'needs one named `main`, for DATABASE_URL and PGDATABASE' }]
      : []),
    ...named.flatMap(([name, each]) => nameMistakes(`databases.${name}`, name, each)),
    ...serverMistakesIn(`databases.${MAIN_DATABASE}`, databases[MAIN_DATABASE] ?? {}),
    ...named.flatMap(([name, each]) => templateMistakes(`databases.${name}.env`, each.env)),
    ...sameVariable(named),
    ...ofVariants,
  ];
}

/** The variables of one of several databases, beside `DATABASE_URL` and libpq's for `main`. */
export function variablesOf(name: string, { env }: NamedDatabaseOptions): VariableTemplates {
  return variableTemplates(env ?? `${name.toUpperCase()}_DATABASE_URL`);
}

function variantMistakes(path: string, own: StackOptions, all: StacksOptions['databases']): Mistake[] {
  const urls = databasesOf(own).flatMap(([option, each]) =>
    ofTheRun(each).map((key) => ({
      path: `${path}.${option}.${key}`,
      text: `is the same for the whole run: set \`${all ? 'databases.main' : 'database'}.${key}\``,
    })),
  );
  if (all && own.database) urls.push({ path: `${path}.database`, text: 'is not possible: write `databases.main`' });
  for (const name of Object.keys(own.databases ?? {})) {
    if (all?.[name] === undefined) urls.push({ path: `${path}.databases.${name}`, text: 'is not one of `databases`' });
  }
  return urls;
}

/** What says which server it is, for all databases and variants. */
function ofTheRun(database: DatabaseOptions): string[] {
  return (['url', 'binaries', 'extensionPath'] as const).filter((key) => database[key] !== undefined);
}

function serverMistakesIn(path: string, database: DatabaseOptions): Mistake[] {
  if (database.url === undefined) return [];
  const text = 'cannot be used together with `url`, which names a server that runs';
  return ofTheRun(database).flatMap((key) => (key === 'url' ? [] : [{ path: `${path}.${key}`, text }]));
}

function nameMistakes(path: string, name: string, options: NamedDatabaseOptions): Mistake[] {
  const { env } = options;
  const mistakes: Mistake[] = [];
  // It ends the names of clones and templates, which have 63 bytes.
  if (!/^(?!.*__)[a-z][a-z0-9_]{0,15}$/.test(name)) {
    mistakes.push({
      path,
      text: 'must be named with a lower-case letter, then at most 15 of those, digits or single `_`',
    });
  }
  if (name === MAIN_DATABASE) return mistakes;
  for (const key of ofTheRun(options)) {
    mistakes.push({ path: `${path}.${key}`, text: `is the same for the whole run: set \`databases.main.${key}\`` });
  }
  for (const variable of Object.keys(env === undefined ? {} : variableTemplates(env))) {
    if (!/^(DATABASE_URL|PG[A-Z]+)$/.test(variable)) continue;
    mistakes.push({ path: `${path}.env`, text: `is ${variable}, which names \`main\`` });
  }
  return mistakes;
}

function sameVariable(named: readonly (readonly [string, NamedDatabaseOptions])[]): Mistake[] {
  const owners = new Map<string, string>();
  return named.flatMap(([name, each]) =>
    Object.keys(variablesOf(name, each)).flatMap((variable) => {
      const owner = owners.get(variable);
      if (owner !== undefined)
        return [{ path: `databases.${name}.env`, text: `is ${variable}, which names \`${owner}\`` }];
      owners.set(variable, name);
      return [];
    }),
  );
}

/** The run's own variables, and the server's: a database's name in one of them would break what it is for. */
const TAKEN = /^(PORT|STACK_SLOT|STACK_KEY|STACK_URL|STACKS(_\w+)?|PLAYWRIGHT_\w+)$/;

function templateMistakes(path: string, env: DatabaseOptions['env']): Mistake[] {
  return Object.entries(env === undefined ? {} : variableTemplates(env)).flatMap(([variable, template]) => [
    ...(TAKEN.test(variable) ? [{ path, text: `is ${variable}, which is set for another purpose` }] : []),
    ...unknownPlaceholders(template).map((placeholder) => ({
      path: `${path}.${variable}`,
      text: `has ${placeholder}; known are ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`,
    })),
  ]);
}
