// Options of the run that may be an object, and their words.
import type { TaskOption } from './database-options.ts';
import type { TaskContext } from './resolved.ts';

/** After which tests the databases are set aside. */
export type KeepWhen = 'never' | 'on-failure' | 'always';

/** Which tests are given the statements that the application ran. */
export type SqlWhen = 'on' | 'on-failure' | 'off';

/** `build` as an object. */
export interface BuildOptions {
  readonly command: TaskOption<TaskContext>;
  /** Globs, relative to the config file's folder. A glob that matches no file is `INPUTS_EMPTY`. */
  readonly inputs: readonly string[];
  /** Files and folders, relative to the config file's folder. */
  readonly outputs: readonly string[];
}

/** `keep` as an object. */
export interface KeepOptions {
  /** After which tests. */
  readonly when: KeepWhen;
  /**
   * How many are kept in a run.
   * @default 10
   */
  readonly most?: number;
}

/** `report` as an object. */
export interface ReportOptions {
  /** After which runs. */
  readonly when: KeepWhen;
  /**
   * Relative to the config file's folder.
   * @default 'stacks-report/index.html'
   */
  readonly outputFile?: string;
  /**
   * Whether a file for ui.perfetto.dev is written beside it, `index.trace.json`.
   * @default false
   */
  readonly trace?: boolean;
}

/** `board` as an object. */
export interface BoardOptions {
  /**
   * The port on which it is served.
   * @default any that is free
   */
  readonly port?: number;
}

/** `sql` as an object. */
export interface SqlOptions {
  /** Which tests are given them. */
  readonly when: SqlWhen;
  /**
   * Whether the values are shown that the statements were given.
   * @default 'show'
   */
  readonly parameters?: 'show' | 'hide';
}

/** `machine`. */
export interface MachineOptions {
  /** How many groups of tests run at once, of all runs together. */
  readonly slots?: 'auto' | 'off' | number;
}
