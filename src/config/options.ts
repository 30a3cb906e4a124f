// The options as users write them. Types only: `parse.ts` checks them, `resolve.ts` fills in the defaults.
import type { DatabaseVariables } from './connection-template.ts';
import type { EnvOption } from './own-env.ts';
import type { StackContext, TaskContext } from './resolved.ts';

/** A shell command, run in the config file's folder, or an async function called in Playwright's runner process. */
export type TaskOption<Context> = string | ((context: Context) => unknown);

export type Isolation = 'test' | 'file' | 'worker' | 'off';

/** After which tests the databases are set aside. */
export type KeepWhen = 'never' | 'on-failure' | 'always';

/** The options of `withStacks(config, options)`. */
export interface StacksOptions extends StackOptions {
  /**
   * Runs once per run, before anything is served. Exit code other than 0: `COMMAND_FAILED`, no test runs.
   * @default nothing is built
   */
  readonly build?: TaskOption<void>;
  /**
   * Milliseconds that `build` may take.
   * @default 600000
   */
  readonly buildTimeout?: number;
  /**
   * What every test starts from. A project's `use: { isolation }`, `test.use({ isolation })` of `playwright-stacks`, and
   * an annotation `{ type: 'isolation', description: 'file' }` on a test or describe say it for less.
   * - `test`: the database after a test is what it was before; a `describe.serial` group counts as one test
   * - `file`: changes stay until the end of the group, usually a file
   * - `worker`: changes stay until the worker ends
   * - `off`: no stack; for whole projects only
   * @default 'test'
   */
  readonly isolation?: Isolation;
  /**
   * Sets a copy of a test's databases aside, as the test left them, to be looked at later: the app servers are stopped
   * for it and started again. `npx playwright-stacks psql NAME` and `dev --kept NAME` open one, `clean` removes them.
   * `STACKS_KEEP` takes precedence.
   * - `never`: nothing is kept
   * - `on-failure`: after tests that fail
   * - `always`: after every test that is not skipped
   *
   * At most ten in a run, or as many as `{ when: 'on-failure', most: 20 }` says.
   * @default 'never'
   */
  readonly keep?: KeepWhen | KeepOptions;
  /**
   * In UI mode and the IDE: milliseconds without a test after which a stack's app servers are stopped. The next click
   * starts them again; the database stays.
   * @default 600000
   */
  readonly idleTimeout?: number;
  /**
   * Postgres databases beside the slots' that the application is meant to reach (a warehouse), each by the variable that
   * names it in the environment or in a server's `env`, or by its address: `host:port`, `host:port/database`. All others
   * that the environment and `.env` files name are replaced with the slot's.
   * @default none
   * @example allowDatabases: ['WAREHOUSE_URL', 'reports.example.org:5432']
   */
  readonly allowDatabases?: readonly string[];
  /**
   * Named alternatives that a project asks for with `use: { stack: 'name' }`. What a variant leaves out is taken from
   * the options above; `database` (each of `databases`) is merged key by key, `server` replaces the whole list.
   * Names: lower-case letters, digits and `_`, at most 20.
   * @default none
   */
  readonly variants?: Readonly<Record<string, StackOptions>>;
}

export interface KeepOptions {
  readonly when: KeepWhen;
  /** How many are kept in a run; a whole number above 0. @default 10 */
  readonly most?: number;
}

/** What `use` of a project takes more: `defineConfig<StackUse>({ projects: [{ use: { stack: 'admin' } }] })`. */
export interface StackUse {
  /** The name of the variant of the stack that the project's tests run on. @default the options outside `variants` */
  stack?: string;
  /** As `isolation` of `withStacks`, for the project's tests. @default the option of `withStacks` */
  isolation?: Isolation;
}

/** What a variant may change. */
export interface StackOptions {
  /** The slot's database. @default an empty database on the embedded server */
  readonly database?: DatabaseOptions;
  /**
   * Several databases for a slot, instead of `database`, on one server: each with its own template. One is called
   * `main`. Names: a lower-case letter, then at most 15 lower-case letters, digits or single `_`.
   * @default none
   */
  readonly databases?: Readonly<Record<string, NamedDatabaseOptions>>;
  /**
   * The app server(s) of a slot, started in order; the first with a `command` is `baseURL`.
   * @default Playwright's `webServer` of the same config, which is adopted; without one no server is started
   */
  readonly server?: ServerOptions | readonly ServerOptions[];
}

export interface DatabaseOptions {
  /**
   * Connection string of an existing Postgres server (13 or newer) whose role may create databases.
   * `STACKS_DATABASE_URL` takes precedence.
   * @default the embedded server
   */
  readonly url?: string;
  /** Brings the empty template to the current schema. Gets the template as `DATABASE_URL`, `PGHOST` … `PGDATABASE`. */
  readonly migrate?: TaskOption<TaskContext>;
  /** Fills the migrated template. Same environment as `migrate`. */
  readonly seed?: TaskOption<TaskContext>;
  /**
   * Globs, relative to the config file's folder, of the files whose content decides whether a template is still good.
   * Each must match a file (`INPUTS_EMPTY`).
   * @default the template is rebuilt every run
   */
  readonly inputs?: readonly string[];
  /**
   * Whether the database may still be empty after `migrate` and `seed`, or without them after the servers are ready.
   * `false`: an empty one is `DATABASE_UNUSED`, because they were most likely on another.
   * @default false
   */
  readonly empty?: boolean;
  /** Runs on every clone before its servers start. Same environment as `migrate`, for the clone. */
  readonly prepare?: TaskOption<TaskContext>;
  /** Extensions that a superuser creates in the template before `migrate`. @default none */
  readonly extensions?: readonly string[];
  /**
   * Who migrates and serves on the embedded server: `owner` owns the database and is no superuser, so that row-level
   * security works; `superuser` is `postgres`.
   * @default 'owner'
   */
  readonly role?: 'owner' | 'superuser';
  /**
   * How many connections of an existing server a stack may use: the application's pools, and two of ours. Stacks that
   * do not fit into what the server (or the role) allows wait until others are closed, and say so. Must be positive.
   * @default 8
   */
  readonly connections?: number;
  /**
   * The variables by which your application knows its database, beside `DATABASE_URL` and `PGHOST` … `PGDATABASE`:
   * `migrate`, `seed`, `prepare`, the servers, the workers and `dev` get them, each with the slot's database.
   * - a name or a list of names: they get the connection string
   * - templates by name, with `{url}`, `{database}`, `{host}`, `{port}`, `{user}`, `{password}`; in one that is a URL the
   *   parts are percent-encoded. One for `DATABASE_URL` replaces what that would be
   *
   * Another placeholder is `OPTIONS_INVALID`.
   * @default what the environment and `.env` files name a Postgres database by
   * @example env: ['POSTGRES_URL', 'DIRECT_URL']
   * @example env: { DB_NAME: '{database}', DB_HOST: '{host}', JDBC_URL: 'jdbc:postgresql://{host}:{port}/{database}' }
   */
  readonly env?: DatabaseVariables;
  /** Milliseconds that `migrate`, `seed` and `prepare` may each take. @default 120000 */
  readonly timeout?: number;
}

/** One of several databases. `url` is for `main` only. */
export interface NamedDatabaseOptions extends DatabaseOptions {
  /**
   * As `database.env`. Only `main` has `DATABASE_URL` and `PGHOST` … `PGDATABASE` too.
   * @default its name in capitals with `_DATABASE_URL`: `AUDIT_DATABASE_URL`
   */
  readonly env?: DatabaseVariables;
}

/** Playwright's `webServer` keys with the same meaning, for one slot's server. */
export interface ServerOptions {
  /**
   * Shell command that starts the server. `{port}` is the slot's port, `{port:name}` that of another server.
   * Absent: an entry with only `url` is shared by all slots, and is not isolated.
   */
  readonly command?: string;
  /** The name in logs, in `{port:name}` and `stack.server(name)`. @default 'web', or 'web2', 'web3' … */
  readonly name?: string;
  /** Working directory. @default the config file's folder */
  readonly cwd?: string;
  /**
   * Variables beside `PORT`, `DATABASE_URL`, `PGHOST` … `PGDATABASE`, `STACK_SLOT`, `STACK_KEY`, which are always set.
   * Placeholders are replaced; a function gets the stack. As in `webServer`, `undefined` removes a variable, and what is
   * no string becomes one. Entries that equal the runner's own environment (`...process.env`) count as inherited. An
   * object as a value is OPTIONS_INVALID, and so is a fixed value for one of those that are always set.
   * @default {}
   * @example env: { ...process.env, API_URL: 'http://localhost:{port:api}', LOG_LEVEL: 'debug' }
   */
  readonly env?: EnvOption | ((stack: StackContext) => EnvOption);
  /**
   * A path (`/healthz`) or a URL on localhost that answers with a status of 200 to 403 when the server is ready;
   * a port written in it is replaced by the slot's own.
   * @default the slot's port accepting connections
   */
  readonly url?: string;
  /** Accepted for `webServer`'s sake: the port the app has in development; every slot gets another one. */
  readonly port?: number;
  /** Milliseconds until it must be ready (`SERVER_NOT_READY`). @default 60000 */
  readonly timeout?: number;
  /** Ignore certificate errors while probing `url`. @default false */
  readonly ignoreHTTPSErrors?: boolean;
  /** `pipe`: also to the terminal, prefixed. The log file gets it always. @default 'ignore' */
  readonly stdout?: 'pipe' | 'ignore';
  /** As `stdout`. @default 'pipe' */
  readonly stderr?: 'pipe' | 'ignore';
  /** How to ask it to end; after `timeout` ms the whole process group is killed. @default { signal: 'SIGTERM', timeout: 5000 } */
  readonly gracefulShutdown?: { readonly signal?: 'SIGINT' | 'SIGTERM'; readonly timeout?: number };
  /** Ready when the output matches; named groups become environment variables of the servers after it. */
  readonly wait?: { readonly stdout?: RegExp; readonly stderr?: RegExp };
  /**
   * Brings what the server keeps in memory back to where the database is; called after every rewind. A path is POSTed to
   * and must answer 200 to 299 within 10 seconds (`SERVER_NOT_RESET`).
   * @default nothing is kept in memory
   */
  readonly reset?: string | ((server: ServerContext) => unknown);
  /** Starts the server anew when a group begins, or after every test. @default 'never' */
  readonly restart?: 'never' | 'file' | 'test';
  /**
   * Waits, before a test's changes are undone, until the application has finished what it does behind the scenes. A path
   * that answers 200 when it is idle and 503 before, within 10 seconds (`SERVER_NOT_IDLE`); or a function that resolves.
   * @default transactions that are open are waited for
   */
  readonly idle?: string | ((server: ServerContext) => unknown);
}

/** What `reset` and `idle` functions are given; they run in Playwright's worker. */
export interface ServerContext {
  /** The server's origin. */
  readonly url: string;
  readonly slot: number;
  readonly key: string;
  readonly databaseUrl: string;
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
}
