// The options as users write them, and their manual: docs/options.md is made from these comments. Types only: schema.ts
// has what each must be and its default, resolve.ts fills the defaults in.
import type { DatabaseOptions, NamedDatabaseOptions, Sequences, TaskOption } from './database-options.ts';
import type { TaskContext } from './resolved.ts';
import type {
  BoardOptions,
  BuildOptions,
  KeepOptions,
  KeepWhen,
  MachineOptions,
  ReportOptions,
  SqlOptions,
  SqlWhen,
} from './run-options.ts';
import type { ServerOptions } from './server-options.ts';
import type { WorkspaceOptions } from './workspace-options.ts';

export type { DatabaseOptions, NamedDatabaseOptions, Sequences, TaskOption } from './database-options.ts';
export type {
  BoardOptions,
  BuildOptions,
  KeepOptions,
  KeepWhen,
  MachineOptions,
  ReportOptions,
  SqlOptions,
  SqlWhen,
} from './run-options.ts';
export type {
  BesideOptions,
  CopyOptions,
  IdleOptions,
  ResetOptions,
  ServerContext,
  ServerOptions,
} from './server-options.ts';
export type { WorkspaceOptions } from './workspace-options.ts';

export type Isolation = 'test' | 'file' | 'worker' | 'off';

/**
 * The options of `withStacks(config, options)`. Each may be left out. All mistakes are reported in one error,
 * `OPTIONS_INVALID`, before anything is created.
 */
export interface StacksOptions extends StackOptions {
  /**
   * Builds the application, once per run, before anything is served. It gets what `migrate` gets, for a clone of the template
   * of its own: pages that are rendered while building show what `seed` has made. If it exits with another code than 0, or
   * throws, no test runs (`COMMAND_FAILED`).
   *
   * An object says what it is made from and what it leaves: as long as neither the files that `inputs` match, nor the
   * template, nor `outputs` have changed, it is not built again. Without `database.inputs` the template is another in every
   * run. Outputs that name the database that it was built on are not used again.
   * @default nothing is built
   * @example build: 'npm run build'
   * @example build: { command: 'next build', inputs: ['app/**', 'package-lock.json', 'next.config.*'], outputs: ['.next'] }
   */
  readonly build?: TaskOption<TaskContext> | BuildOptions;
  /**
   * Milliseconds that `build` may take; then it is ended (`COMMAND_FAILED`).
   * @default 600_000
   * @example buildTimeout: 1_200_000
   */
  readonly buildTimeout?: number;
  /**
   * What every test starts from. A project's `use: { isolation }`, `test.use({ isolation })` of `playwright-stacks`, and
   * an annotation `{ type: 'isolation', description: 'file' }` on a test or describe set it for a part of the suite.
   * - `'test'`: what its hooks wrote; what other tests wrote is rewound. A `describe.serial` group counts as one test
   * - `'file'`: also what earlier tests of its group, usually a file, wrote
   * - `'worker'`: also what earlier groups of its worker wrote
   * - `'off'`: no stack, but your own server and database; for whole projects only
   * @default 'test'
   * @example isolation: 'file'
   */
  readonly isolation?: Isolation;
  /**
   * After which tests a copy of the databases is set aside, as the test left them. The app servers are stopped for it and
   * started again. `npx playwright-stacks psql NAME` and `dev --kept NAME` open a copy, `clean` removes all. `STACKS_KEEP`
   * takes precedence.
   * - `'never'`: nothing is kept
   * - `'on-failure'`: after tests that fail
   * - `'always'`: after every test that is not skipped
   *
   * An object says how many: `{ when: 'on-failure', most: 20 }`. At most ten are kept in a run, if it does not.
   * @default 'never'
   * @example keep: 'on-failure'
   * @example keep: { when: 'on-failure', most: 20 }
   */
  readonly keep?: KeepWhen | KeepOptions;
  /**
   * Which tests are given the SQL statements that the application ran meanwhile, in their order, with what each took, its
   * parameters and its error: as an attachment, and part of what explains a failed test. Postgres logs them for all tests.
   * Values of columns that are named like passwords or tokens are not shown. Of every test it is counted what its statements
   * come to.
   * - `'on'`: every test
   * - `'on-failure'`: tests that fail
   * - `'off'`: none, and nothing is logged or counted
   *
   * An object says whether parameters, and literals in the statements, are shown: `{ when: 'on', parameters: 'hide' }`. An
   * existing server's log cannot be read: there, a line says that it is not possible.
   * @default with the embedded server `'on-failure'`, else `'off'`
   * @example sql: 'on'
   * @example sql: { when: 'on-failure', parameters: 'hide' }
   */
  readonly sql?: SqlWhen | SqlOptions;
  /**
   * In UI mode and the IDE: milliseconds without a test after which the app servers of a stack are stopped. The next
   * click starts them again; the database stays.
   * @default 600_000
   * @example idleTimeout: 3_600_000
   */
  readonly idleTimeout?: number;
  /**
   * A live page of the run, for this machine only: what is being waited for, the stacks with their servers, tests and
   * failures as they happen. Its address is printed once. `STACKS_BOARD=1` or `=0` takes precedence. Where the port is taken,
   * a line says so, and the run goes on without it.
   * @default false
   * @example board: true
   * @example board: { port: 4100 }
   */
  readonly board?: boolean | BoardOptions;
  /**
   * After which runs what the board shows is written as one HTML file, which needs no server and loads nothing.
   * - `'never'`: none
   * - `'on-failure'`: runs in which a test failed, a worker ended or no stack could be opened
   * - `'always'`: all
   *
   * An object says where, and whether a file for ui.perfetto.dev is written beside it:
   * `{ when: 'always', outputFile: 'reports/stacks.html', trace: true }`. What cannot be written is said in a line.
   * @default `'on-failure'` on CI, `'never'` elsewhere
   * @example report: 'always'
   * @example report: { when: 'on-failure', trace: true }
   */
  readonly report?: KeepWhen | ReportOptions;
  /**
   * How your runs on this machine share its processors: two terminals, agents, an IDE. `slots` is how many groups of tests
   * (files; with `fullyParallel`, tests) run at once in all of them together. A run that is alone is not limited. While
   * others have tests to run, each has at least one slot, and what is free goes to the run that has the fewest; waiting
   * takes nothing from a test's timeout. `STACKS_MACHINE_SLOTS` takes precedence. [More](scaling.md#several-runs-on-one-machine)
   * - `'auto'`: one for each processor, and no more than one for each GiB of memory
   * - a number: so many
   * - `'off'`: the run takes no notice of others, nor they of it
   * @default { slots: 'auto' }
   * @example machine: { slots: 6 }
   */
  readonly machine?: MachineOptions;
  /**
   * Postgres databases beside the slots' that the application is meant to reach (a warehouse), each by the variable that
   * names it in the environment or in a server's `env`, or by its address: `host:port`, `host:port/database`. All others
   * that the environment and `.env` files name are replaced with the slot's.
   * @default []
   * @example allowDatabases: ['WAREHOUSE_URL', 'reports.example.org:5432']
   */
  readonly allowDatabases?: readonly string[];
  /**
   * What comes of a test that goes to the development server (`http://localhost:3000`), where the slot's own is meant: in a
   * page, by `request` or by `fetch`. Requests that are mocked do not count, nor where the application redirects to.
   * Also of a server that is connected to it, and of a front end's config that names it (`vite.config`, …).
   * - `'error'`: the test fails (`DEVELOPMENT_ORIGIN`); for such a config, the run before anything is made
   * - `'warn'`: a line says so
   * - `'rewrite'`: what is given to `page.goto()`, `request` and `newContext()` leads to the slot's server; the rest fails
   * - `'allow'`: nothing
   * @default 'error'
   * @example developmentOrigin: 'warn'
   */
  readonly developmentOrigin?: 'error' | 'warn' | 'rewrite' | 'allow';
  /**
   * Named alternatives of `database`, `databases`, `server` and `workspace` that a project asks for with
   * `use: { stack: 'name' }`. What a variant leaves out is taken from the options outside it: `database` (and each of
   * `databases`) and `workspace` are merged key by key, `server` replaces the whole list. A name has at most 20 lower-case letters, digits and single `_`.
   * @default none
   * @example variants: { admin: { server: { command: 'npm start', url: '/healthz', env: { ADMIN: 'yes' } } } }
   */
  readonly variants?: Readonly<Record<string, StackOptions>>;
}

/** What the `use` of a project takes in addition: `defineConfig<StackUse>({ projects: [{ use: { stack: 'admin' } }] })`. */
export interface StackUse {
  /**
   * The variant that the project's tests run on, by its name in `variants`. An unknown name is `OPTIONS_INVALID`.
   * @default the options outside `variants`
   * @example use: { stack: 'admin' }
   */
  stack?: string;
  /**
   * As `isolation` of `withStacks`, for the project's tests.
   * @default the option of `withStacks`
   * @example use: { isolation: 'off' }
   */
  isolation?: Isolation;
  /**
   * As `database.sequences`, for the project's tests and all of its databases.
   * @default the option of each database
   * @example use: { sequences: 'keep' }
   */
  sequences?: Sequences;
}

/** What belongs to a stack, and what a variant may change. */
export interface StackOptions {
  /**
   * The slot's database. `{}` asks for nothing but an empty one.
   * @default an empty database on the embedded server
   * @example database: { migrate: 'npm run db:migrate', seed: 'npm run db:seed', inputs: ['migrations/**', 'seed/**'] }
   */
  readonly database?: DatabaseOptions;
  /**
   * Several databases for each slot, instead of `database`; each has its own template, all are on one server. One of them
   * is called `main`: `DATABASE_URL` names it. A name begins with a lower-case letter and has at most 16 lower-case
   * letters, digits and single `_`.
   * @default none
   * @example databases: { main: { migrate: 'npm run db:migrate' }, audit: { migrate: 'npm run audit:migrate' } }
   */
  readonly databases?: Readonly<Record<string, NamedDatabaseOptions>>;
  /**
   * The app server or servers of a slot, started in order. The first one with a `command` is `baseURL`; or the one whose
   * development port a project's own `baseURL` names.
   * Beside it Playwright's `webServer` of the same config is what `STACKS=off` uses.
   * @default Playwright's `webServer` of the same config, which is adopted; without one no server is started
   * @example server: { command: 'npm start', url: '/healthz' }
   */
  readonly server?: ServerOptions | readonly ServerOptions[];
  /**
   * A git worktree for each slot, on a branch of its own: for applications and tests that write into the checkout. The
   * app servers run in it, it is brought back to where it was between tests, and your repository stays as it is. `{}` asks
   * for the last commit.
   * @default none: app servers run in your checkout
   * @example workspace: { base: 'working-tree', link: ['node_modules'], setup: 'npm run generate' }
   */
  readonly workspace?: WorkspaceOptions;
}
