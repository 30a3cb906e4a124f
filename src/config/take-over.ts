// Resolved options, and what the developer's environment says of databases: its variables name the slot's in all that we
// start, and what the options themselves name is looked at.
import { relative } from 'node:path';
import type { VariableTemplates } from './connection-template.ts';
import { inheritedOrigins } from './development-origins.ts';
import { readEnvFiles } from './env-files.ts';
import {
  developmentDatabase,
  type InheritedDatabase,
  inheritedDatabases,
  takenVariables,
} from './inherited-databases.ts';
import { type LiteralDatabase, literalDatabases, literalMistakes } from './literal-databases.ts';
import { invalidOptions } from './mistake.ts';
import { ofRuntimeConfig } from './nuxt-runtime-config.ts';
import type { DevelopmentDatabases, ResolvedStacks, ResolvedVariant } from './resolved.ts';

/** @throws OPTIONS_INVALID where a server's `env` names the development database */
export function takeOver(
  stacks: Omit<ResolvedStacks, 'databases' | 'origins' | 'fixedOrigins'>,
  allowed: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Omit<ResolvedStacks, 'fixedOrigins'> {
  const { root } = stacks;
  const all = [...stacks.variants.values()];
  const folders = [root, process.cwd(), ...all.flatMap(({ servers }) => servers.map(({ cwd }) => cwd))];
  const files = new Map([...new Set(folders)].flatMap(readEnvFiles).map((file) => [file.path, file]));
  const inherited = inheritedDatabases(environment, [...files.values()], root);
  const given = all.flatMap(({ servers }) =>
    servers.flatMap(({ env }) => (typeof env === 'function' ? [] : Object.keys(env))),
  );
  const origins = inheritedOrigins(environment, [...files.values()], stacks.developmentServers, given).map((each) => ({
    ...each,
    from: each.from === 'environment' ? each.from : relative(root, each.from),
  }));
  const development = developmentDatabase(inherited, environment);
  const named = all.flatMap((variant) => namedByServers(variant, allowed));
  const mistakes = literalMistakes(named, development);
  if (mistakes.length > 0) throw invalidOptions(mistakes);
  const taken: DevelopmentDatabases['taken'][number][] = [];
  const variants = all.map((variant) => {
    const own = takenVariables(inherited, development, providedBy(variant), allowed);
    taken.push(...own.filter(({ variables }) => !taken.some((each) => each.variables.join() === variables.join())));
    return withNuxt(
      withTemplates(variant, [...shapeOfDatabaseUrl(inherited), ...own.map(({ templates }) => templates)]),
      folders,
    );
  });
  return {
    ...stacks,
    origins,
    databases: { development, inherited, taken, named, allowed },
    variants: new Map(variants.map((variant) => [variant.name, variant])),
  };
}

/** What a function returns is looked at when it is called. */
function namedByServers({ servers }: ResolvedVariant, allowed: readonly string[]): LiteralDatabase[] {
  return servers.flatMap(({ env, option }) =>
    typeof env === 'function' ? [] : literalDatabases(`${option}.env`, env, allowed),
  );
}

/** The names under which a stack's databases are known without the developer's environment. */
function providedBy({ databases }: Pick<ResolvedVariant, 'databases'>): string[] {
  return ['DATABASE_URL', ...databases.flatMap(({ env }) => Object.keys(env))];
}

/** `postgresql+asyncpg://…`, `…?schema=app`: DATABASE_URL stays in the form that the application knows. */
function shapeOfDatabaseUrl(inherited: readonly InheritedDatabase[]): VariableTemplates[] {
  const shape = inherited.find(({ variables }) => variables.includes('DATABASE_URL'))?.templates.DATABASE_URL;
  return shape === undefined || shape === '{url}' ? [] : [{ DATABASE_URL: shape }];
}

function withTemplates(variant: ResolvedVariant, templates: readonly VariableTemplates[]): ResolvedVariant {
  const [main, ...others] = variant.databases;
  if (!main) return variant;
  const database = { ...main, inheritedEnv: Object.assign({}, ...templates) };
  return { ...variant, database, databases: [database, ...others] };
}

/** What stack's databases are known by without any option, of the first of them. */
const OF_THE_FIRST: VariableTemplates = {
  ...{ DATABASE_URL: '{url}', PGHOST: '{host}', PGPORT: '{port}', PGUSER: '{user}' },
  ...{ PGPASSWORD: '{password}', PGDATABASE: '{database}' },
};

function withNuxt(variant: ResolvedVariant, folders: readonly string[]): ResolvedVariant {
  const databases = variant.databases.map((database, index) => {
    const known = { ...(index === 0 && OF_THE_FIRST), ...database.inheritedEnv, ...database.env };
    const found = folders.map((folder) => ofRuntimeConfig(folder, known));
    return { ...database, inheritedEnv: Object.assign({}, ...found, database.inheritedEnv) };
  });
  const [database = variant.database] = databases;
  return { ...variant, database, databases };
}
