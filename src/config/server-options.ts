// The options of an app server, as users write them.
import type { EnvOption } from './own-env.ts';
import type { StackContext } from './resolved.ts';

/** Playwright's `webServer` keys with the same meaning, for the server of one slot, and what it keeps in memory. */
export interface ServerOptions {
  /**
   * Shell command that starts the server. `{port}` is the port that it listens on, `{port:name}` that of another server of
   * the stack; `{url}` and `{url:name}` are the origins by which browsers reach them.
   * A port that is written into it is `OPTIONS_INVALID`, as slots cannot share it. If the server ends before it is ready,
   * or during a test, that is `SERVER_EXITED`.
   * @default none: an entry with `url` only, which all slots share, and which is **not** isolated
   * @example command: 'npm start -- --port {port}'
   */
  readonly command?: string;
  /**
   * The name in logs, in `{port:name}`, `{url:name}` and in `stack.server(name)`. Two servers cannot have the same.
   * @default 'web', then 'web2', 'web3' …
   * @example name: 'api'
   */
  readonly name?: string;
  /**
   * Working directory, relative to the config file's folder.
   * @default the config file's folder
   * @example cwd: '../api'
   */
  readonly cwd?: string;
  /**
   * Variables beside `PORT`, `DATABASE_URL`, `PGHOST` … `PGDATABASE`, `STACK_SLOT`, `STACK_KEY` and `STACK_URL`, which are
   * always set. Placeholders are replaced: `{url}` is for links and redirects that a browser follows, `{port:name}` for what
   * servers ask each other. A function gets the stack (`slot`, `key`, `port`, `ports`, `url`, `urls`, `databaseUrl`,
   * `databaseUrls`).
   * As in `webServer`, `undefined` removes a variable, and what is not a string becomes one. Entries that equal the
   * runner's own environment (`...process.env`) count as inherited. A fixed value for a variable that is always set is
   * `OPTIONS_INVALID`.
   * @default {}
   * @example env: { ...process.env, API_URL: 'http://localhost:{port:web}', PUBLIC_URL: '{url}' }
   */
  readonly env?: EnvOption | ((stack: StackContext) => EnvOption);
  /**
   * A path, or a URL on localhost, that answers with a status of 200 to 403 when the server is ready. A port in it is
   * replaced by the slot's own.
   * @default the slot's port accepts connections
   * @example url: '/healthz'
   */
  readonly url?: string;
  /**
   * The port that the application has in development. Accepted because `webServer` has it: every slot gets another one.
   * @default none
   * @example port: 3000
   */
  readonly port?: number;
  /**
   * Milliseconds within which it must be ready (`SERVER_NOT_READY`).
   * @default 60_000
   * @example timeout: 180_000
   */
  readonly timeout?: number;
  /**
   * Whether certificate errors are ignored while `url` is probed.
   * @default false
   * @example ignoreHTTPSErrors: true
   */
  readonly ignoreHTTPSErrors?: boolean;
  /**
   * `'pipe'` prints its output to the terminal too, each line with the server's name. The log file gets it always.
   * @default 'ignore'
   * @example stdout: 'pipe'
   */
  readonly stdout?: 'pipe' | 'ignore';
  /**
   * As `stdout`, for the standard error.
   * @default 'pipe'
   * @example stderr: 'ignore'
   */
  readonly stderr?: 'pipe' | 'ignore';
  /**
   * The signal that asks it to end, and the milliseconds after which its whole process group is killed.
   * @default { signal: 'SIGTERM', timeout: 5_000 }
   * @example gracefulShutdown: { signal: 'SIGINT', timeout: 10_000 }
   */
  readonly gracefulShutdown?: { readonly signal?: 'SIGINT' | 'SIGTERM'; readonly timeout?: number };
  /**
   * Regular expressions: the server is ready when its output matches. Named groups become environment variables of the
   * servers after it.
   * @default its output is not waited for
   * @example wait: { stdout: /listening on port (?<api_port>\d+)/ }
   */
  readonly wait?: { readonly stdout?: RegExp; readonly stderr?: RegExp };
  /**
   * Brings what the server keeps in memory back to where the database is; called after every rewind. A path is POSTed to
   * and must answer 200 to 299 within 10 seconds; an object says with which method and headers; a function gets
   * `{ url, slot, key, databaseUrl, signal }`. Otherwise the test fails (`SERVER_NOT_RESET`).
   * @default nothing is kept in memory
   * @example reset: '/test/reset'
   * @example reset: { path: '/admin/cache', method: 'DELETE', headers: { authorization: 'Bearer admin' } }
   */
  readonly reset?: string | ((server: ServerContext) => unknown) | ResetOptions;
  /**
   * Restarts the server: `'file'` when a group begins, `'test'` after every test as well.
   * @default 'never'
   * @example restart: 'file'
   */
  readonly restart?: 'never' | 'file' | 'test';
  /**
   * With `restart`: how many processes of the server are started ahead, while a test runs, so that the next test need not wait
   * for a boot. Each waits at its first connection to Postgres until it is the slot's turn to have it: it reaches the database
   * by a port of ours, which `DATABASE_URL` and the like name. All servers of the stack with `restart` are started together,
   * and must have the same; where they have not, there are no spares. One process is enough where a boot takes less time than a
   * test: a boot of 2 seconds and tests of 500 ms need 4. What browsers open is the same port all the time, `{url}`; `{port}`
   * and `PORT` are each process's own, and so is `STACK_KEY`. A server that cannot be started beside its predecessor goes on
   * without, and the run says so once. All slots together have no more than 4 for each processor, and no more than half of the
   * free memory is for (in a container: of what it may have); where not even one has room, there is none. 0: it is started
   * when its predecessor has ended.
   * @default the time of a boot ÷ that of a test, as measured in this run
   * @example restart: 'test', spares: 0
   */
  readonly spares?: number;
  /**
   * How often in a row the server is started again, in each slot, after it ended by itself. A test of the slot that passes
   * ends the row. After one more the run is broken: its tests are skipped, and the error names the test after which the
   * server first ended (`SERVER_EXITED`).
   * @default 3
   * @example restarts: 0
   */
  readonly restarts?: number;
  /**
   * Files and folders within `cwd` that the server writes to, and of which each slot gets a copy: `{copy:path}` in `command`
   * and `env` is where it is, relative to `cwd`. A path that is not there is an empty folder. Blocks are shared where the
   * file system can do it, never by hard links.
   * - a path: the copy is made when the stack is opened
   * - `{ path, reset: 'file' }`: it is put back when a group begins; with `'test'` after every test, too. The server goes on
   *   meanwhile, unless its `restart` says otherwise
   *
   * @default none: what servers write there they share
   * @example copy: ['uploads', { path: '.next', reset: 'file' }]
   */
  readonly copy?: readonly (string | CopyOptions)[];
  /**
   * A shell command that runs next to each app server: a profiler, `strace`, a proxy for a debugger. It starts in the
   * server's `cwd` and environment when the server is ready, and again whenever the server does; it gets SIGINT before the
   * server ends, and 10 seconds. `{pid}` is the process that listens on the server's port, `{slot}` the slot, `{output}`
   * the path of a file that it may write, also with an ending (`{output}.svg`); `{port}` is as in `command`. What it wrote
   * there and what it printed is attached to the last test that ran on the server. If it cannot start, or fails, that is
   * one warning, and the tests go on.
   * - `{ command, once: true }`: it can serve one process only. With more than one worker it is left out, with one warning
   *
   * @default none
   * @example beside: 'strace -f -p {pid} -o "{output}.strace"'
   */
  readonly beside?: string | BesideOptions;
  /**
   * Whether the server may use Postgres. One that does is looked at: on another Postgres, and not on its slot's, it is
   * `DATABASE_UNUSED`.
   * - `'none'`: it uses none, and is not looked at
   *
   * @default it may use the slot's databases
   * @example database: 'none'
   */
  readonly database?: 'none';
  /**
   * When the application has finished its background work, after a test and before the rewind.
   * - a path: it answers 503 while the application is busy, and 200 within 10 seconds; a function resolves when it is idle.
   *   Otherwise the test fails (`SERVER_NOT_IDLE`)
   * - `{ quiet, most, when }`: its sessions on the slot's databases that write must have done nothing for `quiet` milliseconds;
   *   after `most` (2 × `quiet`) the rewind goes on. `when` is a path or a function as above
   *
   * Without `quiet`, 3 milliseconds are waited for, and longer where the application was seen to write late: the run says
   * so, and later runs know it.
   * @default open transactions, and 3 milliseconds of quiet
   * @example idle: '/test/idle'
   * @example idle: { quiet: 50 }
   */
  readonly idle?: string | ((server: ServerContext) => unknown) | IdleOptions;
}

/** `reset` as an object. */
export interface ResetOptions {
  readonly path: string;
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

/** `idle` as an object. */
export interface IdleOptions {
  /**
   * Milliseconds for which the application's sessions that write must have done nothing. Those that only read, and those of
   * a role whose activity ours may not see, do not count. 0: nothing is waited for.
   * @default 3, and longer where the application was seen to write late
   */
  readonly quiet?: number;
  /**
   * Milliseconds after which the rewind goes on in any case. Where that happens after three tests in a row, and nothing was
   * written meanwhile, 3 milliseconds of quiet are waited for from then on, and the run says so.
   * @default 2 × quiet: what is written within `quiet` is followed by as much quiet
   */
  readonly most?: number;
  /** A path, or a function, that says when the application has finished. */
  readonly when?: string | ((server: ServerContext) => unknown);
}

/** A command next to a server. */
export interface BesideOptions {
  readonly command: string;
  /**
   * There can be one of it only: with more than one worker it is left out.
   * @default false
   */
  readonly once?: boolean;
}

/** One of a server's copies. */
export interface CopyOptions {
  /** Relative to the server's `cwd`, within it. */
  readonly path: string;
  /**
   * When the copy becomes again what it was at first.
   * @default 'never'
   */
  readonly reset?: 'never' | 'file' | 'test';
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
