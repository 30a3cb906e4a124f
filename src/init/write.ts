// Writes files so that each is the old or the new one at any moment, and says of which the repository has no copy.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface PlannedFile {
  /** Absolute. */
  readonly path: string;
  readonly content: string;
  /** What it must still hold; undefined: it must not be there. */
  readonly before: string | undefined;
}

/** @throws where somebody else has changed it meanwhile, or it cannot be written; it is then as it was */
export function writePlanned({ path, content, before }: PlannedFile): void {
  const now = readIfThere(path);
  if (now !== before) throw new Error(`${basename(path)} has changed meanwhile: it was not written. Run init again.`);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, content, { flag: 'wx' });
    if (before !== undefined) chmodSync(temporary, statSync(path).mode & 0o7777);
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new Error(`${basename(path)} could not be written: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** All of them, or none. */
export function writeAll(files: readonly PlannedFile[]): void {
  const written: PlannedFile[] = [];
  for (const file of files) {
    try {
      writePlanned(file);
      written.push(file);
    } catch (cause) {
      const back = written.map((each) => `${basename(each.path)} ${putBack(each)}`);
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Error([message, ...back].join('\n'), { cause });
    }
  }
}

function putBack({ path, content, before }: PlannedFile): string {
  try {
    if (before === undefined) rmSync(path);
    else writePlanned({ path, content: before, before: content });
    return before === undefined ? 'was made, and is removed again' : 'was written, and is as it was';
  } catch {
    return 'was written, and could not be put back';
  }
}

export function readIfThere(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw Object.assign(error as Error, { path });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Written again, its other characters would be lost.
    throw new Error(`${basename(path)} is not encoded in UTF-8: nothing was changed.`);
  }
}

/** git knows other content of it, or none: what is written over is nowhere else. */
export function isUncommitted(path: string): boolean {
  try {
    // Its configuration may name a program that watches files: none is started.
    const args = ['-c', 'core.fsmonitor=', '--no-optional-locks', 'status', '--porcelain', '--', basename(path)];
    return (
      execFileSync('git', args, {
        cwd: dirname(path),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: 10_000,
      }) !== ''
    );
  } catch {
    return false; // No repository, or no git.
  }
}
