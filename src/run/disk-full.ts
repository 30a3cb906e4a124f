// A full disk, whoever met it first: a tool, Postgres, a migration, or we. Said with where, how much room there is, and
// what to do.
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { entriesOf } from '../cleanup/run-folder.ts';
import { messageOf, StacksError } from '../errors.ts';
import { runOfDataFolder } from '../names.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import type { RunContext } from './run-context.ts';

/** DISK_FULL where that is what `error` comes from; else `error` itself. */
export function orDiskFull(error: unknown, run: Pick<RunContext, 'config' | 'run'>): unknown {
  if (!isDiskFull(error)) return error;
  const isOfRun = isNodes(error) || (error instanceof StacksError && error.code === 'WORKSPACE_FAILED');
  const { of, facts, hint } = isOfRun ? inFolder(tmpdir(), 'the run’s own files') : diskOf(run);
  const [reason = ''] = messageOf(error).split('\n');
  const ours = error instanceof StacksError ? error : undefined;
  return new StacksError('DISK_FULL', `no space is left on the disk of ${of}.`, {
    facts: { ...facts, reason },
    output: ours?.details.output ?? [],
    hint,
    cause: ours ? ours.cause : error,
  });
}

/** By Postgres's code, by Node's, or by what a tool or Postgres printed; not an application's own words. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === '53100' || isNodes(error)) return true;
  if (error instanceof StacksError && error.code === 'WORKSPACE_FAILED' && GIT_WORDS.test(error.message)) return true;
  const quotes = !(error instanceof StacksError) || code === 'POSTGRES_FAILED' || code === 'COMMAND_FAILED';
  return (quotes && POSTGRES_WORDS.test(error.message)) || isDiskFull(error.cause);
}

/** Of its init files it says no more. */
const POSTGRES_WORDS = /(could not|cannot|error) .*: No space left on device|could not write init file/;

/** Of an object, and of a file that it checks out: of that it does not say why it could not be written. */
const GIT_WORDS = /: No space left on device|error: unable to write file /;

/** Too many watched files have the same code. */
function isNodes(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' && syscall !== 'watch';
}

/** Of its databases: that of a server we cannot see, or the folder where the data are or would have been. */
function diskOf({ config, run }: Pick<RunContext, 'config' | 'run'>) {
  const [first] = config.variants.values();
  const url = first?.database.url;
  if (url !== undefined) return onServer(serverTitle(url));
  const [folder = tmpdir()] = entriesOf(['/dev/shm', tmpdir(), '/tmp'], (name) => runOfDataFolder(name) === run);
  return inFolder(folder, 'the embedded Postgres');
}

function inFolder(folder: string, of: string) {
  return {
    of,
    facts: { folder, room: roomIn(folder) },
    hint: 'make room there, set TMPDIR to a folder with more, or run fewer workers: each has a copy of the template.',
  };
}

function onServer(server: string) {
  return {
    of: `Postgres at ${server}`,
    facts: {},
    hint: 'make room on the server (`npx playwright-stacks clean` drops what dead runs left), or run fewer workers.',
  };
}

/** "3 of 64 MB are free"; undefined: the folder is gone. */
function roomIn(folder: string): string | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    const [free, all] = [bavail, blocks].map((count) => Math.floor((count * bsize) / 2 ** 20));
    return `${free} of ${all} MB are free`;
  } catch {
    return undefined;
  }
}
