// Parsed options → the resolved, readonly form with every default, which all the rest takes.
import { dirname, resolve as resolvePath } from 'node:path';
import { DEFAULT_VARIANT, MAIN_DATABASE } from '../names.ts';
import { variableTemplates } from './connection-template.ts';
import { variablesOf } from './database-mistakes.ts';
import { developmentServers } from './development-origins.ts';
import { refuseFixed } from './fixed-databases.ts';
import { fixedOrigins } from './fixed-origins.ts';
import { KEEP_WHENS } from './keep-whens.ts';
import { askedSlots } from './machine-slots.ts';
import type { DatabaseOptions, NamedDatabaseOptions, StackOptions, StacksOptions, TaskOption } from './options.ts';
import { ownEnv } from './own-env.ts';
import { asArray, type ParsedOptions } from './parse.ts';
import { readPostgresValue } from './postgres-value.ts';
import { resolveServer } from './resolve-server.ts';
import type {
  ResolvedBuild,
  ResolvedDatabase,
  ResolvedKeep,
  ResolvedReport,
  ResolvedSql,
  ResolvedStacks,
  ResolvedVariant,
  ResolvedWorkspace,
  Task,
} from './resolved.ts';
import { type FilledOptions, optionsTable } from './schema.ts';
import { serverName } from './server-mistakes.ts';
import { takeOver } from './take-over.ts';

/** @param configFile Playwright's config file; its folder is what relative paths start from */
export function resolveOptions(parsed: ParsedOptions, configFile: string): ResolvedStacks {
  const root = dirname(configFile);
  const { options, servers, webServers, baseURLs, adopted, asked, environment } = parsed;
  const { variants = {} } = options;
  const variant = (name: string, own: StackOptions): ResolvedVariant => {
    const isAdopted = adopted && own.server === undefined;
    const list = asArray(own.server) ?? servers;
    const option = own.server ? `variants.${name}.server` : isAdopted ? 'webServer' : 'server';
    const databases = resolveDatabases(options, own, root);
    return {
      name,
      database: databases[0],
      databases,
      isDatabaseMeant: [options, own].some(
        ({ database, databases: all }) => database !== undefined || all !== undefined,
      ),
      servers: list.map((server, index) => ({
        ...resolveServer(server, index, root, list.length > 1 ? `${option}[${index}]` : option),
        env: typeof server.env === 'function' ? server.env : ownEnv(server.env ?? {}, environment),
        inherited: environment,
      })),
      workspace: resolveWorkspace(options, name, own, root),
    };
  };
  const all = [variant(DEFAULT_VARIANT, {}), ...Object.entries(variants).map(([name, own]) => variant(name, own))];
  const { board, buildTimeout, developmentOrigin, idleTimeout, keep, allowDatabases } =
    optionsTable().options.parse(options);
  const resolved = {
    root,
    build: resolveBuild(options.build),
    buildTimeout,
    keep: resolveKeep(keep),
    sql: resolveSql(
      options.sql,
      [...all].every(({ database }) => database.url === undefined),
    ),
    idleTimeout,
    board: resolveBoard(board),
    report: resolveReport(options.report, root),
    machine: resolveMachine(options.machine),
    developmentServers: withoutPostgres(developmentServers(servers, webServers, baseURLs), all),
    developmentOrigin,
    variants: new Map(
      asked.flatMap((name) => all.filter((each) => each.name === name)).map((each) => [each.name, each]),
    ),
  };
  const stacks = takeOver(resolved, allowDatabases);
  refuseFixed(stacks);
  return {
    ...stacks,
    fixedOrigins: developmentOrigin === 'allow' ? [] : fixedOrigins(stacks, servers.map(serverName)),
  };
}

/** A `webServer` that starts Postgres is what all slots' servers are connected to. */
function withoutPostgres(
  development: ReadonlyMap<string, string>,
  variants: readonly ResolvedVariant[],
): ReadonlyMap<string, string> {
  const urls = variants.flatMap(({ databases }) => databases.flatMap(({ url }) => url ?? []));
  const ports = urls.map((url) => String(readPostgresValue(url)?.target.port));
  return new Map([...development].filter(([port]) => !ports.includes(port)));
}

function resolveBuild(option: StacksOptions['build']): ResolvedBuild | undefined {
  const { command, inputs, outputs } = typeof option === 'object' ? option : { command: option };
  const built = task(command);
  return built && { task: built, inputs, outputs: outputs ?? [] };
}

function resolveKeep(option: FilledOptions['keep']): ResolvedKeep {
  const { when, most } = optionsTable().keep.parse(typeof option === 'string' ? { when: option } : option);
  return { when: KEEP_WHENS.find((word) => word === process.env.STACKS_KEEP) ?? when, most };
}

function resolveReport(option: StacksOptions['report'], root: string): ResolvedReport {
  // As Playwright and its users decide it.
  const given = option ?? (process.env.CI ? 'on-failure' : 'never');
  const report = optionsTable().report.parse(typeof given === 'string' ? { when: given } : given);
  return { ...report, outputFile: resolvePath(root, report.outputFile) };
}

function resolveBoard(option: FilledOptions['board']): ResolvedStacks['board'] {
  const { STACKS_BOARD } = process.env;
  const isAsked = STACKS_BOARD === '1' || (STACKS_BOARD !== '0' && option !== false);
  return isAsked ? { port: (typeof option === 'object' ? option.port : undefined) ?? 0 } : undefined;
}

function resolveMachine(option: StacksOptions['machine']): ResolvedStacks['machine'] {
  return optionsTable().machine.parse({ slots: askedSlots() ?? option?.slots });
}

function resolveSql(option: StacksOptions['sql'], isEmbedded: boolean): ResolvedSql {
  const given = option ?? (isEmbedded ? 'on-failure' : 'off');
  const sql = optionsTable().sql.parse(typeof given === 'string' ? { when: given } : given);
  return { ...sql, counts: option === undefined || sql.when !== 'off' };
}

/** `main` first. */
function resolveDatabases(
  base: StackOptions,
  own: StackOptions,
  root: string,
): [ResolvedDatabase, ...ResolvedDatabase[]] {
  if (!base.databases) {
    const only = { ...base.database, ...own.database };
    const env = only.env === undefined ? {} : variableTemplates(only.env);
    return [resolveDatabase(only, { name: MAIN_DATABASE, option: 'database', env }, root)];
  }
  const { [MAIN_DATABASE]: main = {}, ...others } = base.databases;
  const named = (name: string, options: NamedDatabaseOptions): ResolvedDatabase => {
    const merged = { ...options, ...own.databases?.[name] };
    return resolveDatabase(merged, { name, option: `databases.${name}`, env: variablesOf(name, merged) }, root);
  };
  return [named(MAIN_DATABASE, main), ...Object.entries(others).map(([name, options]) => named(name, options))];
}

function resolveDatabase(
  options: DatabaseOptions,
  of: Pick<ResolvedDatabase, 'name' | 'option' | 'env'>,
  root: string,
): ResolvedDatabase {
  const {
    migrate,
    seed,
    prepare,
    inputs,
    url,
    binaries,
    extensionPath = [],
    ...filled
  } = optionsTable().database.parse(options);
  return {
    ...filled,
    ...of,
    inheritedEnv: {},
    url: process.env.STACKS_DATABASE_URL || url,
    binaries: binaries === undefined ? undefined : resolvePath(root, binaries),
    extensionPath: [extensionPath].flat().map((path) => resolvePath(root, path)),
    migrate: task(migrate),
    seed: task(seed),
    inputs,
    prepare: task(prepare),
  };
}

function resolveWorkspace(
  base: StackOptions,
  variant: string,
  own: StackOptions,
  root: string,
): ResolvedWorkspace | undefined {
  if (!base.workspace && !own.workspace) return undefined;
  const options = optionsTable().workspace.parse({ ...base.workspace, ...own.workspace });
  const { repo, link, setup, publish } = options;
  return {
    ...options,
    option: own.workspace ? `variants.${variant}.workspace` : 'workspace',
    repo: resolvePath(root, repo),
    link: link?.map((path) => resolvePath(root, path)),
    setup: typeof setup === 'string' ? { kind: 'command', command: setup } : setup && { kind: 'function', run: setup },
    publish,
  };
}

function task<Context>(option: TaskOption<Context> | undefined): Task | undefined {
  if (option === undefined) return undefined;
  return typeof option === 'string'
    ? { kind: 'command', command: option }
    : { kind: 'function', run: option as (context: unknown) => unknown };
}
