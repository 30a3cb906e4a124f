// What globalSetup hands to the workers before they start: where the pool listens, and the names, ports and URLs of each
// slot, assigned up front. A file that only its owner may read; its path travels in the environment.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ResolvedKeep, ResolvedSql, ResolvedWorkspace } from '../config/resolved.ts';
import { readOwnFile } from '../files/read-file.ts';

/** The environment variable that names the file. */
export const RUN_FILE_VARIABLE = 'PLAYWRIGHT_STACKS_RUN';
/** Its name, in the run's folder. */
export const RUN_FILE = 'run.json';

/** One of a stack's databases. */
export interface DatabaseInfo {
  /** As in the options; `main` where there is one. */
  readonly name: string;
  /** The clone's name. */
  readonly database: string;
  readonly url: string;
}

/** A stack's git worktree. */
export interface WorkspaceInfo {
  /** Has all others in it. */
  readonly folder: string;
  /** The checkout. */
  readonly path: string;
  /** The slot's repository. */
  readonly bare: string;
  /** What it is brought back to. */
  readonly base: string;
  readonly branch: string;
  readonly reset: ResolvedWorkspace['reset'];
  /** The run's repository, the commit that it starts from, and the objects of the user's. */
  readonly run: { readonly bare: string; readonly base: string; readonly objects: string };
}

/** A stack as a worker sees it. */
export interface StackInfo {
  readonly slot: number;
  readonly variant: string;
  /** Unique everywhere: a prefix for whatever else the application shares (Redis keys, buckets, mail boxes). */
  readonly key: string;
  /** The first server's origin, `http://localhost:24113`; undefined without a server. */
  readonly url: string | undefined;
  /** Every server's origin by name. */
  readonly servers: Readonly<Record<string, string>>;
  /** The log file of every server that the run starts, by name. */
  readonly logs: Readonly<Record<string, string>>;
  readonly database: string;
  readonly databaseUrl: string;
  /** All of them; the first is the one above. */
  readonly databases: readonly DatabaseInfo[];
  /** `DATABASE_URL` and libpq's variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly workspace?: WorkspaceInfo | undefined;
}

/** Where the server logs the statements of applications, and which tests are given them. */
export interface StatementLog {
  readonly file: string;
  readonly when: Exclude<ResolvedSql['when'], 'off'>;
  /** Whether the values are shown that statements were given. */
  readonly parameters: ResolvedSql['parameters'];
}

export interface RunFile {
  /** Where it was read from. */
  readonly path: string;
  readonly run: string;
  /** The pool's Unix socket. */
  readonly socket: string;
  /** Milliseconds after which an unanswered lease is an error: more than all deadlines of opening a stack together. */
  readonly leaseTimeout: number;
  readonly stacks: readonly StackInfo[];
  /** After which tests the databases are set aside. */
  readonly keep: ResolvedKeep['when'];
  /** Undefined: they are not logged. */
  readonly statements?: StatementLog | undefined;
  /** The database in which it is asked what they come to, and the SQL for it; undefined: they are not counted. */
  readonly counting?: Readonly<Record<'database' | 'reset' | 'read' | 'texts', string>> | undefined;
  /** The database of an existing server in which runs meet, also those on other machines. */
  readonly agreedDatabase?: string | undefined;
  /** What the slots' variables replaced in the environment; null: nothing. For projects without a stack. */
  readonly developer: Readonly<Record<string, string | null>>;
}

export function writeRunFile(content: RunFile): void {
  writeFileSync(content.path, JSON.stringify(content), { mode: 0o600 });
}

/** A file that a worker leaves when one of its tests passed without a stack; its content is the error. */
export function unleasedMark({ path }: Pick<RunFile, 'path'>): string {
  return join(dirname(path), 'unleased');
}

/** Undefined where there is no run: no variable, or one that an ended run left, whose path another user may have taken. */
export function readRunFile(path: string | undefined = process.env[RUN_FILE_VARIABLE]): RunFile | undefined {
  const text = path && readOwnFile(path);
  return text ? JSON.parse(text) : undefined;
}

export function findStack(file: RunFile | undefined, slot: number, variant: string): StackInfo | undefined {
  return file?.stacks.find((stack) => stack.slot === slot && stack.variant === variant);
}
