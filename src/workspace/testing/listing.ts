// All that a worktree and its repository hold, as text to compare.
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Worktree } from '../run-repository.ts';

export function listing({ folder, bare, base }: Worktree): string[] {
  const isOurs = (each: string) => each === base || each === join(bare, 'objects');
  return below(folder, isOurs).map((each) => `${relative(folder, each)} ${contentOf(each)}`);
}

export function below(folder: string, isLeftOut: (path: string) => boolean): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (isLeftOut(path)) return [];
    return entry.isDirectory() ? [path, ...below(path, isLeftOut)] : [path];
  });
}

export function contentOf(path: string): string {
  const stats = lstatSync(path);
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return `-> ${readlinkSync(path)}`;
  if (!stats.isFile()) return 'neither file nor folder';
  // An index has the times of files in it.
  const text = path.endsWith('/index') ? '' : readFileSync(path, 'latin1');
  return `${(stats.mode & 0o777).toString(8)} ${text}`;
}
