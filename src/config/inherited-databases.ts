// The Postgres databases that the developer's environment and `.env` files name, by whatever variables: in what we start
// each of them names the slot's, so that nothing reaches the developer's own.
import { relative } from 'node:path';
import type { VariableTemplates } from './connection-template.ts';
import type { EnvFile } from './env-files.ts';
import { isSameTarget, type PostgresTarget, readPostgresValue } from './postgres-value.ts';
import { splitVariables } from './split-variables.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface InheritedDatabase {
  readonly variables: readonly string[];
  readonly target: PostgresTarget;
  /** How each variable is written for another database. */
  readonly templates: VariableTemplates;
  /** `environment`, `.env.local`. */
  readonly from: string;
}

/** Our own, npm's, and libpq's, which every process of ours gets. */
const NOT_THEIRS = /^(STACKS?_|PLAYWRIGHT_|npm_|PG[A-Z]+$)/;

/** What the environment says first: it wins over files. */
export function inheritedDatabases(
  environment: Variables,
  files: readonly EnvFile[],
  root: string,
): InheritedDatabase[] {
  const sources = [
    { from: 'environment', variables: environment },
    ...files.map(({ path, variables }) => ({ from: relative(root, path), variables })),
  ];
  return sources.flatMap(({ from, variables }) => {
    const theirs = Object.fromEntries(Object.entries(variables).filter(([name]) => !NOT_THEIRS.test(name)));
    const whole = Object.entries(theirs).flatMap(([name, text]) => {
      const value = text === undefined ? undefined : readPostgresValue(text);
      return value ? [{ from, variables: [name], target: value.target, templates: { [name]: value.template } }] : [];
    });
    const split = splitVariables(theirs).map(({ target, templates }) => {
      return { from, variables: Object.keys(templates), target, templates };
    });
    return [...whole, ...split];
  });
}

/** The development database: what DATABASE_URL names, or libpq's variables, or whatever is named first. */
export function developmentDatabase(
  inherited: readonly InheritedDatabase[],
  environment: Variables,
): PostgresTarget | undefined {
  const { PGDATABASE, PGHOST = 'localhost', PGPORT = '5432' } = environment;
  const byName = inherited.find(({ variables }) => variables.includes('DATABASE_URL'))?.target;
  const byLibpq = PGDATABASE ? { host: PGHOST, port: Number(PGPORT), database: PGDATABASE } : undefined;
  return byName ?? byLibpq ?? inherited[0]?.target;
}

/** A variable, or several that name a database together, which the slot's takes the place of. */
export interface TakenVariables extends InheritedDatabase {
  /** It named another database than the development one. */
  readonly isOther: boolean;
}

/**
 * Those that are taken over for the slot's database, each once.
 * @param provided variables that name a database of the slot's already
 * @param allowed variables and addresses (`host:port`) that are left as they are
 */
export function takenVariables(
  inherited: readonly InheritedDatabase[],
  development: PostgresTarget | undefined,
  provided: readonly string[],
  allowed: readonly string[],
): TakenVariables[] {
  const known = new Set(provided);
  return inherited.flatMap((each) => {
    const variables = each.variables.filter((name) => !known.has(name));
    if (variables.length === 0 || isAllowed(each, allowed)) return [];
    for (const name of variables) known.add(name);
    const templates = Object.fromEntries(variables.map((name) => [name, each.templates[name] ?? '{url}']));
    const isOther = development !== undefined && !isSameTarget(each.target, development);
    return [{ ...each, variables, templates, isOther }];
  });
}

/** Whether the user wants a variable, or what it names, left alone. */
export function isAllowed(
  { variables, target }: Pick<InheritedDatabase, 'variables' | 'target'>,
  allowed: readonly string[],
): boolean {
  const { host, port, database } = target;
  return [...variables, `${host}:${port}`, `${host}:${port}/${database}`].some((name) => allowed.includes(name));
}
