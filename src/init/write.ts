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
  if (now !== before) throw new Error(`${basename(path)} has changed meanwhile: nothing was written. Run init again.`);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
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

export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** git knows other content of it, or none: what is written over is nowhere else. */
export function isUncommitted(path: string): boolean {
  try {
    const args = ['--no-optional-locks', 'status', '--porcelain', '--', basename(path)];
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
