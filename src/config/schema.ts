// The table of options: what each must be, and its default. The known keys, the messages of OPTIONS_INVALID, the resolved
// defaults and docs/options.md are made from it. A new option is a line here, and one with its meaning in options.ts.
import { createRequire } from 'node:module';
import type { ZodType, z as zod } from 'zod';
import { DEFAULT_ISOLATION, ISOLATIONS } from './isolations.ts';
import { KEEP_WHENS } from './keep-whens.ts';
import { kinds, oneOf } from './kinds.ts';
import type {
  BesideOptions,
  BoardOptions,
  BuildOptions,
  DatabaseOptions,
  IdleOptions,
  Isolation,
  KeepOptions,
  KeepWhen,
  MachineOptions,
  ReportOptions,
  ResetOptions,
  Sequences,
  ServerOptions,
  SqlOptions,
  StackOptions,
  StacksOptions,
  WorkspaceOptions,
} from './options.ts';
import { DEFAULT_SEQUENCES, SEQUENCES } from './sequences.ts';
import { SQL_WHENS } from './sql-whens.ts';

/** The options, those in `Keys` with their defaults. */
type Filled<Options, Keys extends keyof Options> = Options & {
  readonly [Key in Keys]-?: Exclude<Options[Key], undefined>;
};
export type FilledOptions = Filled<
  StacksOptions,
  'board' | 'buildTimeout' | 'developmentOrigin' | 'idleTimeout' | 'isolation' | 'keep' | 'allowDatabases'
>;
export type FilledDatabase = Filled<
  DatabaseOptions,
  'empty' | 'extensions' | 'role' | 'connections' | 'sequences' | 'timeout'
>;
export type FilledServer = Filled<
  Omit<ServerOptions, 'gracefulShutdown'>,
  'env' | 'timeout' | 'ignoreHTTPSErrors' | 'stdout' | 'stderr' | 'restart' | 'restarts'
> & { readonly gracefulShutdown: Required<NonNullable<ServerOptions['gracefulShutdown']>> };
export type FilledWorkspace = Filled<WorkspaceOptions, 'repo' | 'base' | 'timeout' | 'reset'>;

export interface OptionsTable {
  /** Of `withStacks()`. */
  readonly options: ZodType<FilledOptions>;
  readonly database: ZodType<FilledDatabase>;
  readonly server: ZodType<FilledServer>;
  readonly workspace: ZodType<FilledWorkspace>;
  /** Of `keep` as an object. */
  readonly keep: ZodType<Required<KeepOptions>>;
  readonly keepWhen: ZodType<KeepWhen>;
  /** Of `report` as an object. */
  readonly report: ZodType<Required<ReportOptions>>;
  /** Of `sql` as an object. */
  readonly sql: ZodType<Required<SqlOptions>>;
  /** Of `machine`. */
  readonly machine: ZodType<Required<MachineOptions>>;
  readonly machineSlots: ZodType<Required<MachineOptions>['slots']>;
  readonly isolation: ZodType<Isolation>;
  readonly sequences: ZodType<Sequences>;
}

let table: OptionsTable | undefined;

/** Made when it is first asked for, and not when this file is loaded: workers evaluate the config too, without zod. */
export function optionsTable(): OptionsTable {
  table ??= makeTable(createRequire(import.meta.url)('zod').z);
  return table;
}

/** A line for each option: one that is missing or unknown does not compile. */
type Lines<Options> = Readonly<Record<keyof Options, ZodType>>;

function makeTable(z: typeof zod): OptionsTable {
  const k = kinds(z);
  const isolation = k.oneOf(ISOLATIONS);
  const sequences = k.oneOf(SEQUENCES);
  const keepWhen = k.oneOf(KEEP_WHENS);
  const keep = k.object({
    when: keepWhen,
    most: k.count.default(10),
  } satisfies Lines<KeepOptions>);
  const report = k.object({
    when: keepWhen,
    outputFile: k.text.default('stacks-report/index.html'),
    trace: k.boolean.default(false),
  } satisfies Lines<ReportOptions>);
  const machineSlots = k.either("'auto', 'off' or a whole number above 0", k.oneOf(['auto', 'off']), k.count);
  const machine = k.object({ slots: machineSlots.default('auto') } satisfies Lines<MachineOptions>);
  const sqlWhen = k.oneOf(SQL_WHENS);
  const sql = k.object({
    when: sqlWhen,
    parameters: k.oneOf(['show', 'hide']).default('show'),
  } satisfies Lines<SqlOptions>);
  const database = k.object({
    url: k.postgresUrl.optional(),
    binaries: k.text.optional(),
    extensionPath: k.either('a path, or a list of paths', k.text, k.strings).optional(),
    migrate: k.task.optional(),
    seed: k.task.optional(),
    inputs: k.strings.optional(),
    empty: k.boolean.default(false),
    prepare: k.task.optional(),
    extensions: k.strings.default([]),
    role: k.oneOf(['owner', 'superuser']).default('owner'),
    connections: k.count.default(8),
    sequences: sequences.default(DEFAULT_SEQUENCES),
    env: k.variables.optional(),
    timeout: k.milliseconds.default(120_000),
  } satisfies Lines<DatabaseOptions>);
  const server = k.object({
    command: k.text.optional(),
    name: k.word.optional(),
    cwd: k.text.optional(),
    env: k.env.default({}),
    url: k.text.optional(),
    port: k.port.optional(),
    timeout: k.milliseconds.default(60_000),
    ignoreHTTPSErrors: k.boolean.default(false),
    stdout: k.oneOf(['pipe', 'ignore']).default('ignore'),
    stderr: k.oneOf(['pipe', 'ignore']).default('pipe'),
    gracefulShutdown: k
      .object({ signal: k.oneOf(['SIGINT', 'SIGTERM']).default('SIGTERM'), timeout: k.timeout.default(5_000) })
      .prefault({}),
    wait: k.object({ stdout: k.regExp.optional(), stderr: k.regExp.optional() }).optional(),
    reset: k
      .either(
        'a path that begins with `/`, a function, or { path, method, headers }',
        k.pathOrFunction,
        k.object({
          path: k.path,
          method: k.oneOf(['POST', 'PUT', 'PATCH', 'DELETE', 'GET']).optional(),
          headers: k.headers.optional(),
        } satisfies Lines<ResetOptions>),
      )
      .optional(),
    copy: k.copies.optional(),
    beside: k
      .either(
        'a shell command, or { command, once }',
        k.text,
        k.object({ command: k.text, once: k.boolean.optional() } satisfies Lines<BesideOptions>),
      )
      .optional(),
    database: k.oneOf(['none']).optional(),
    restart: k.oneOf(['never', 'file', 'test']).default('never'),
    restarts: k.times.default(3),
    spares: k.times.optional(),
    idle: k
      .either(
        'a path that begins with `/`, a function, or { quiet, most, when }',
        k.pathOrFunction,
        k.object({
          quiet: k.timeout.optional(),
          most: k.timeout.optional(),
          when: k.pathOrFunction.optional(),
        } satisfies Lines<IdleOptions>),
      )
      .optional(),
  } satisfies Lines<ServerOptions>);
  const workspace = k.object({
    repo: k.text.default('.'),
    base: k.text.default('HEAD'),
    link: k.strings.optional(),
    setup: k.task.optional(),
    timeout: k.milliseconds.default(120_000),
    reset: k.oneOf(['test', 'file', 'never', 'full']).default('test'),
    publish: k.oneOf(['branch']).optional(),
  } satisfies Lines<WorkspaceOptions>);
  const stack = {
    database: database.optional(),
    databases: k.byName(database).optional(),
    server: k.either('a server or an array of servers', server, z.array(server)).optional(),
    workspace: workspace.optional(),
  } satisfies Lines<StackOptions>;
  const build = k.object({ command: k.task, inputs: k.strings, outputs: k.strings } satisfies Lines<BuildOptions>);
  const options = k.object({
    ...stack,
    build: k.either('a shell command, a function, or { command, inputs, outputs }', k.task, build).optional(),
    buildTimeout: k.milliseconds.default(600_000),
    isolation: isolation.default(DEFAULT_ISOLATION),
    keep: k.either(oneOf(KEEP_WHENS), keepWhen, keep).default('never'),
    sql: k.either(oneOf(SQL_WHENS), sqlWhen, sql).optional(),
    idleTimeout: k.milliseconds.default(600_000),
    board: k
      .either('true, false or { port }', k.boolean, k.object({ port: k.port.optional() } satisfies Lines<BoardOptions>))
      .default(false),
    report: k.either(oneOf(KEEP_WHENS), keepWhen, report).optional(),
    machine: machine.prefault({}),
    allowDatabases: k.strings.default([]),
    developmentOrigin: k.oneOf(['error', 'warn', 'rewrite', 'allow']).default('error'),
    variants: k.byName(k.object(stack)).optional(),
  } satisfies Lines<StacksOptions>);
  // Zod's types say `undefined` where ours say that a key may be absent.
  return {
    options,
    database,
    server,
    workspace,
    keep,
    keepWhen,
    report,
    sql,
    machine,
    machineSlots,
    isolation,
    sequences,
  } as unknown as OptionsTable;
}
