// The options after validation, with every default filled in: what all other folders take.
import type { VariableTemplates } from './connection-template.ts';
import type { InheritedDatabase, TakenVariables } from './inherited-databases.ts';
import type { LiteralDatabase } from './literal-databases.ts';
import type { EnvOption, OwnEnv } from './own-env.ts';
import type { PostgresTarget } from './postgres-value.ts';

/** A step of the user's: a shell command, or a function called in the runner. */
export type Task =
  | { readonly kind: 'command'; readonly command: string }
  | { readonly kind: 'function'; readonly run: (context: TaskContext) => unknown };

/** What a task works on: a function gets it as its argument, a command as environment variables. */
export interface TaskContext {
  /** Connection string of the database: the template for `migrate` and `seed`, the clone for `prepare`. */
  readonly url: string;
  /** `DATABASE_URL` and libpq's variables (`PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`). */
  readonly env: Readonly<Record<string, string>>;
}

/** What `setup` works on. */
export interface WorkspaceContext {
  /** The worktree. */
  readonly path: string;
  readonly slot: number;
  /** As `stack.key`; also the name of its branch. */
  readonly key: string;
}

export interface ResolvedDatabase {
  /** 'main' where there is one. */
  readonly name: string;
  /** The path that the user wrote: `database`, `databases.audit`. */
  readonly option: string;
  /** The variables that name it, beside `DATABASE_URL` and libpq's, which the first database has. */
  readonly env: VariableTemplates;
  /** Those that name a database in the developer's environment, and here the slot's. Not part of the fingerprint. */
  readonly inheritedEnv: VariableTemplates;
  /** An existing server's connection string; undefined: the embedded server. */
  readonly url: string | undefined;
  /** The folder of the embedded server's programs, absolute; undefined: the npm package's. The same for the whole run. */
  readonly binaries: string | undefined;
  /** Absolute. The same for the whole run. */
  readonly extensionPath: readonly string[];
  readonly migrate: Task | undefined;
  readonly seed: Task | undefined;
  /** Globs relative to `ResolvedStacks.root`; undefined: the template is rebuilt every run. */
  readonly inputs: readonly string[] | undefined;
  /** Nothing need be in it after `migrate` and `seed`. */
  readonly empty: boolean;
  /** Runs on every clone before its servers start. */
  readonly prepare: Task | undefined;
  /** Created in the template by a superuser before `migrate`. */
  readonly extensions: readonly string[];
  /** Who migrates and serves on the embedded server. */
  readonly role: 'owner' | 'superuser';
  /** How many connections of an existing server a stack may use: its application's, and two of ours. */
  readonly connections: number;
  /** What becomes of its sequences when a test ends. */
  readonly sequences: 'rewind' | 'keep';
  /** Milliseconds that `migrate`, `seed` and `prepare` may each take. */
  readonly timeout: number;
}

/** What a server's `env` function is given. */
export interface StackContext {
  readonly slot: number;
  readonly key: string;
  /** The port of this server, and of each by name. */
  readonly port: number;
  readonly ports: Readonly<Record<string, number>>;
  /** The origin by which browsers reach this server, and each by name: `http://localhost:24113`. */
  readonly url: string;
  readonly urls: Readonly<Record<string, string>>;
  /** The slot's database. */
  readonly databaseUrl: string;
  /** Each of `databases`, by name. */
  readonly databaseUrls: Readonly<Record<string, string>>;
}

export interface ResolvedCopy {
  /** Relative to the server's `cwd`, within it. */
  readonly path: string;
  readonly reset: 'never' | 'file' | 'test';
}

export interface ResolvedServer {
  readonly name: string;
  /** The path that the user wrote: `server`, `webServer[1]`, `variants.admin.server`. */
  readonly option: string;
  /** Undefined: an entry with `url` only, shared by all slots and not started by us. */
  readonly command: string | undefined;
  /** 'none': it uses no Postgres. */
  readonly database: 'none' | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** What each slot has a copy of. */
  readonly copy: readonly ResolvedCopy[];
  /** What it sets itself; of a function's result that is found out when the server starts. */
  readonly env: OwnEnv | ((stack: StackContext) => EnvOption);
  /** The runner's environment when the config was read: what an `env` function repeats of it is inherited. */
  readonly inherited: OwnEnv;
  /** A path (`/healthz`) or a URL; probed until it answers. */
  readonly url: string | undefined;
  /** What it is ready by without `url` and `wait`: its port, or nothing (it is not awaited). */
  readonly readyBy: 'port' | 'nothing';
  readonly timeout: number;
  readonly ignoreHTTPSErrors: boolean;
  readonly stdout: 'pipe' | 'ignore';
  readonly stderr: 'pipe' | 'ignore';
  readonly gracefulShutdown: { readonly signal: 'SIGINT' | 'SIGTERM'; readonly timeout: number };
  readonly restart: 'never' | 'file' | 'test';
  /** Started ahead; undefined: as many as the run finds out to be enough. */
  readonly spares: number | undefined;
  /** In a row, after it ended by itself. */
  readonly restarts: number;
  readonly wait: { readonly stdout: RegExp | undefined; readonly stderr: RegExp | undefined } | undefined;
  /** What runs next to it. */
  readonly beside: { readonly command: string; readonly once: boolean } | undefined;
  /** STACKS_INSPECT=1. */
  readonly inspect: boolean;
}

export interface ResolvedWorkspace {
  /** The path that the user wrote: `workspace`, `variants.admin.workspace`. */
  readonly option: string;
  /** A folder of the checkout. Absolute. */
  readonly repo: string;
  readonly base: string;
  /** Absolute paths; undefined: the user has not said. */
  readonly link: readonly string[] | undefined;
  readonly setup:
    | { readonly kind: 'command'; readonly command: string }
    | { readonly kind: 'function'; readonly run: (context: WorkspaceContext) => unknown }
    | undefined;
  /** Milliseconds that `setup` may take. */
  readonly timeout: number;
  readonly reset: 'test' | 'file' | 'never' | 'full';
  readonly publish: 'branch' | undefined;
}

export interface ResolvedVariant {
  readonly name: string;
  /** The first of `databases`: what `DATABASE_URL` names. */
  readonly database: ResolvedDatabase;
  readonly databases: readonly ResolvedDatabase[];
  /** The options say that the application has a database. */
  readonly isDatabaseMeant: boolean;
  readonly servers: readonly ResolvedServer[];
  readonly workspace: ResolvedWorkspace | undefined;
}

export interface ResolvedKeep {
  readonly when: 'never' | 'on-failure' | 'always';
  /** In a run. */
  readonly most: number;
}

/** Which tests are given the statements that the application ran. */
export interface ResolvedSql {
  readonly when: 'on' | 'on-failure' | 'off';
  readonly parameters: 'show' | 'hide';
  /** Whether those of each test are counted: it was not asked for 'off'. */
  readonly counts: boolean;
}

/** What the developer's environment and `.env` files say of Postgres databases. */
export interface DevelopmentDatabases {
  /** The one that the application uses in development, as far as that is known. */
  readonly development: PostgresTarget | undefined;
  readonly inherited: readonly InheritedDatabase[];
  /** The variables that name the slot's in its place: the first database's `inheritedEnv`. */
  readonly taken: readonly TakenVariables[];
  /** Others, which a server's `env` in the options names. */
  readonly named: readonly LiteralDatabase[];
  /** `allowDatabases`. */
  readonly allowed: readonly string[];
}

/** A variable of the environment, or of a `.env` file, that names the origin of a development server. */
export interface InheritedOrigin {
  readonly variable: string;
  /** `environment`, or the file's path. */
  readonly from: string;
  /** `http://localhost:{port:web}` */
  readonly value: string;
}

/** An origin in a file of the project's, and what to write there. */
export interface FixedOrigin {
  /** `web/vite.config.ts:7` */
  readonly where: string;
  readonly what: string;
  readonly todo: string;
  /** It is certain: a proxy, read by a command that serves, with no variable of the server's own. */
  readonly isSure: boolean;
}

export interface ResolvedBuild {
  readonly task: Task;
  /** Globs relative to `ResolvedStacks.root`; undefined: it is built in every run. */
  readonly inputs: readonly string[] | undefined;
  /** Files and folders, relative to `ResolvedStacks.root`. */
  readonly outputs: readonly string[];
}

export interface ResolvedReport {
  readonly when: 'always' | 'on-failure' | 'never';
  /** Absolute. */
  readonly outputFile: string;
  /** Whether a file for ui.perfetto.dev is written beside it. */
  readonly trace: boolean;
}

export interface ResolvedStacks {
  /** The folder of the Playwright config: what relative paths and commands start from. Absolute. */
  readonly root: string;
  readonly build: ResolvedBuild | undefined;
  /** Milliseconds that `build` may take. */
  readonly buildTimeout: number;
  readonly keep: ResolvedKeep;
  readonly sql: ResolvedSql;
  /** Milliseconds without a lease after which the app servers of a stack are stopped in UI mode and the IDE. */
  readonly idleTimeout: number;
  readonly report: ResolvedReport;
  /** Port 0: any that is free. Undefined: none is asked for. */
  readonly board: { readonly port: number } | undefined;
  /** How many slots it has for all runs together. */
  readonly machine: { readonly slots: 'auto' | 'off' | number };
  readonly databases: DevelopmentDatabases;
  /** The names of the servers, by their ports in development; `''`: the slots have none that stands for it. */
  readonly developmentServers: ReadonlyMap<string, string>;
  /** What comes of a test, or of a server of a slot, that goes to one of them. */
  readonly developmentOrigin: 'error' | 'warn' | 'rewrite' | 'allow';
  /** Variables that servers inherit, and that name the developer's own. */
  readonly origins: readonly InheritedOrigin[];
  /** Files of the project that name a development server; none where that is allowed. */
  readonly fixedOrigins: readonly FixedOrigin[];
  /** By name: those that projects ask for, in their order; at least one. */
  readonly variants: ReadonlyMap<string, ResolvedVariant>;
}
