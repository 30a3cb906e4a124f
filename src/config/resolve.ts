// Parsed options → the resolved, readonly form with every default, which all the rest takes.
import { dirname, resolve as resolvePath } from 'node:path';
import { DEFAULT_VARIANT, MAIN_DATABASE } from '../names.ts';
import { variableTemplates } from './connection-template.ts';
import { variablesOf } from './database-mistakes.ts';
import { KEEP_WHENS } from './keep-whens.ts';
import type {
  DatabaseOptions,
  NamedDatabaseOptions,
  ServerOptions,
  StackOptions,
  StacksOptions,
  TaskOption,
} from './options.ts';
import { ownEnv } from './own-env.ts';
import { asArray, type ParsedOptions } from './parse.ts';
import type {
  ResolvedDatabase,
  ResolvedKeep,
  ResolvedServer,
  ResolvedStacks,
  ResolvedVariant,
  Task,
} from './resolved.ts';
import { serverName } from './server-mistakes.ts';
import { takeOver } from './take-over.ts';

/** `database.connections` where it is not given. */
export const DEFAULT_CONNECTIONS = 8;

/** @param configFile Playwright's config file; its folder is what relative paths start from */
export function resolveOptions(options: ParsedOptions, configFile: string): ResolvedStacks {
  const root = dirname(configFile);
  const { servers, adopted, environment, variants = {} } = options;
  const variant = (name: string, own: StackOptions): ResolvedVariant => {
    const isAdopted = adopted && own.server === undefined;
    const list = asArray(own.server) ?? servers;
    const option = own.server ? `variants.${name}.server` : isAdopted ? 'webServer' : 'server';
    const databases = resolveDatabases(options, own);
    return {
      name,
      database: databases[0],
      databases,
      servers: list.map((server, index) => ({
        ...resolveServer(server, index, root, list.length > 1 ? `${option}[${index}]` : option),
        env: typeof server.env === 'function' ? server.env : ownEnv(server.env ?? {}, environment),
        inherited: environment,
      })),
    };
  };
  const all = [variant(DEFAULT_VARIANT, {}), ...Object.entries(variants).map(([name, own]) => variant(name, own))];
  const resolved = {
    root,
    build: task(options.build),
    buildTimeout: options.buildTimeout ?? 600_000,
    keep: resolveKeep(options.keep),
    idleTimeout: options.idleTimeout ?? 600_000,
    variants: new Map(
      options.asked.flatMap((name) => all.filter((each) => each.name === name)).map((each) => [each.name, each]),
    ),
  };
  return takeOver(resolved, options.allowDatabases ?? []);
}

function resolveKeep(option: StacksOptions['keep'] = 'never'): ResolvedKeep {
  const { when, most = 10 } = typeof option === 'string' ? { when: option } : option;
  return { when: KEEP_WHENS.find((word) => word === process.env.STACKS_KEEP) ?? when, most };
}

/** `main` first. */
function resolveDatabases(base: StackOptions, own: StackOptions): [ResolvedDatabase, ...ResolvedDatabase[]] {
  if (!base.databases) {
    const only = { ...base.database, ...own.database };
    const env = only.env === undefined ? {} : variableTemplates(only.env);
    return [resolveDatabase(only, { name: MAIN_DATABASE, option: 'database', env })];
  }
  const { [MAIN_DATABASE]: main = {}, ...others } = base.databases;
  const named = (name: string, options: NamedDatabaseOptions): ResolvedDatabase => {
    const merged = { ...options, ...own.databases?.[name] };
    return resolveDatabase(merged, { name, option: `databases.${name}`, env: variablesOf(name, merged) });
  };
  return [named(MAIN_DATABASE, main), ...Object.entries(others).map(([name, options]) => named(name, options))];
}

function resolveDatabase(
  options: DatabaseOptions,
  of: Pick<ResolvedDatabase, 'name' | 'option' | 'env'>,
): ResolvedDatabase {
  return {
    ...of,
    inheritedEnv: {},
    url: process.env.STACKS_DATABASE_URL || options.url,
    migrate: task(options.migrate),
    seed: task(options.seed),
    inputs: options.inputs,
    prepare: task(options.prepare),
    extensions: options.extensions ?? [],
    role: options.role ?? 'owner',
    connections: options.connections ?? DEFAULT_CONNECTIONS,
    timeout: options.timeout ?? 120_000,
  };
}

function resolveServer(
  options: ServerOptions,
  index: number,
  root: string,
  option: string,
): Omit<ResolvedServer, 'env' | 'inherited'> {
  return {
    name: serverName(options, index),
    option,
    command: options.command,
    cwd: resolvePath(root, options.cwd ?? '.'),
    url: options.url,
    // Playwright does not wait for an entry that says nothing to wait for.
    readyBy: option.startsWith('webServer') && options.port === undefined ? 'nothing' : 'port',
    timeout: options.timeout ?? 60_000,
    ignoreHTTPSErrors: options.ignoreHTTPSErrors ?? false,
    stdout: options.stdout ?? 'ignore',
    stderr: options.stderr ?? 'pipe',
    gracefulShutdown: {
      signal: options.gracefulShutdown?.signal ?? 'SIGTERM',
      timeout: options.gracefulShutdown?.timeout ?? 5_000,
    },
    wait: options.wait && { stdout: options.wait.stdout, stderr: options.wait.stderr },
  };
}

function task<Context>(option: TaskOption<Context> | undefined): Task | undefined {
  if (option === undefined) return undefined;
  return typeof option === 'string'
    ? { kind: 'command', command: option }
    : { kind: 'function', run: option as (context: unknown) => unknown };
}
