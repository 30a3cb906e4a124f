// The run's own repository: bare, on the user's objects, without remotes. It keeps what the tests of all slots commit. Each
// slot has a repository on top of it: worktrees of one repository share branches, stash and settings, and tests must not.
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { baseCommit } from './base-commit.ts';
import { git } from './git.ts';
import type { UserRepository } from './user-repository.ts';
import { copyInfo, copyRefs, copySettings } from './user-settings.ts';

export interface RunRepository {
  readonly user: UserRepository;
  /** The folder of the run's repository. */
  readonly bare: string;
  /** The commit that every worktree starts from. */
  readonly base: string;
}

/** A slot's worktree, and the folders around it. */
export interface Worktree {
  /** Has all others in it. */
  readonly folder: string;
  /** The checkout; named as the user's is. */
  readonly path: string;
  /** The slot's repository. */
  readonly bare: string;
  /** What it is brought back to. */
  readonly base: string;
  /** Its branch. */
  readonly branch: string;
}

/** Makes the run's repository in `folder`. @param base `workspace.base` */
export async function makeRunRepository(user: UserRepository, base: string, folder: string): Promise<RunRepository> {
  await makeBare(folder, user, [user.objects]);
  return { user, bare: folder, base: await baseCommit(user, base, folder) };
}

/** Where the parts of the worktree are, before there is one. */
export function planWorktree(user: Pick<UserRepository, 'top'>, folder: string, branch: string): Worktree {
  const name = basename(user.top);
  // Beside folders of ours.
  const path = join(folder, name === '' || name === 'repository.git' || name === 'base' ? 'checkout' : name);
  return { folder, path, bare: join(folder, 'repository.git'), base: join(folder, 'base'), branch };
}

/** @param excluded paths of the checkout that git is not to show: what is linked */
export async function makeWorktree(run: RunRepository, worktree: Worktree, excluded: readonly string[]): Promise<void> {
  const { folder, path, bare, branch } = worktree;
  mkdirSync(folder, { mode: 0o700 });
  await makeBare(bare, run.user, [join(run.bare, 'objects'), run.user.objects]);
  await Promise.all([copyInfo(run.user, bare, excluded), copyRefs(run.user, bare), copySettings(run.user, bare)]);
  // One of the user's may have its name; here it is the slot's.
  const add = ['worktree', 'add', '--quiet', '--no-track', '-B', branch, path, run.base];
  await git(['--git-dir', bare, ...add], { cwd: folder });
}

/** Without a template, whose hooks and settings would be in it. */
async function makeBare(folder: string, user: UserRepository, objects: readonly string[]): Promise<void> {
  const format = `--object-format=${user.objectFormat}`;
  await git(['init', '--bare', '--quiet', '--template=', format, folder], { cwd: user.top });
  // Of what it found out about the file system the user's settings have their own.
  writeFileSync(join(folder, 'config'), bareConfig(user));
  mkdirSync(join(folder, 'objects/info'), { recursive: true });
  writeFileSync(join(folder, 'objects/info/alternates'), objects.map((path) => `${quoted(path)}\n`).join(''));
}

function bareConfig({ objectFormat }: UserRepository): string {
  const core = (version: number) => `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n`;
  return objectFormat === 'sha1' ? core(0) : `${core(1)}[extensions]\n\tobjectFormat = ${objectFormat}\n`;
}

/** A path that begins with `#` or `"` is not one as it stands; ours are absolute. */
function quoted(path: string): string {
  return /[\n"]/.test(path) ? JSON.stringify(path) : path;
}
