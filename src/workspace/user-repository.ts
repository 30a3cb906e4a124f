// The user's repository: what a run needs to know of it, and why it may be unfit. Nothing is written to it.
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { StacksError } from '../errors.ts';
import { fields, git, tryGit } from './git.ts';

export interface UserRepository {
  /** The folder of its checkout, without links. */
  readonly top: string;
  /** Its own git folder, and that which all its worktrees share. */
  readonly gitDir: string;
  readonly commonDir: string;
  readonly objects: string;
  readonly objectFormat: string;
  /** The commit that worktrees start from; with `'working-tree'` what is not committed comes on top of it. */
  readonly start: string;
}

/** The oldest git that knows `merge-tree --write-tree`. */
const OLDEST = [2, 38] as const;

/**
 * @param folder in the checkout
 * @param base `workspace.base`
 * @throws WORKSPACE_UNFIT, or OPTIONS_INVALID for a `base` that is no commit
 */
export async function findRepository(folder: string, base: string): Promise<UserRepository> {
  if (!existsSync(folder))
    throw unfit(`${folder} does not exist`, 'let `workspace.repo` name a folder of your checkout.');
  await refuseOldGit(folder);
  await refuseNoCheckout(folder);
  const paths = ['--show-toplevel', '--absolute-git-dir', '--git-common-dir', '--git-path', 'objects'];
  const found = await git(['rev-parse', '--path-format=absolute', ...paths, '--show-object-format'], { cwd: folder });
  const [top = '', gitDir = '', commonDir = '', objects = '', objectFormat = ''] = found.trimEnd().split('\n');
  const repository = { top: realpathSync(top), gitDir, commonDir, objects, objectFormat };
  await refusePartialClone(top);
  const start = await commitOf(top, base === 'working-tree' ? 'HEAD' : base);
  if (base === 'working-tree') await refuseUnmerged(top);
  await refuseSubmodules(top, start);
  return { ...repository, start };
}

async function refuseOldGit(cwd: string): Promise<void> {
  const version = await git(['version'], { cwd });
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw unfit(`git is ${version.trim().replace(/^git version /, '')}`, '`workspace` needs git 2.38 or newer.');
}

async function refuseNoCheckout(cwd: string): Promise<void> {
  const { code, stdout, stderr } = await tryGit(['rev-parse', '--is-inside-work-tree'], { cwd });
  if (code === 0 && stdout.trim() === 'true') return;
  if (stderr.includes('dubious ownership')) {
    throw unfit(
      `the repository at ${cwd} belongs to another user, and git does not trust it`,
      `run the tests as its owner, or: git config --global --add safe.directory ${cwd}`,
    );
  }
  if (code === 0) throw unfit(`${cwd} is in a bare repository`, 'let `workspace.repo` name a checkout of it.');
  const hint = 'let `workspace.repo` name a folder of your checkout, or begin one: git init && git commit.';
  throw unfit(`${cwd} is not in a git repository`, hint, stderr);
}

/** What it lacks git would fetch, and the run's repository has no remote. */
async function refusePartialClone(cwd: string): Promise<void> {
  const { stdout } = await tryGit(['config', '--get-regexp', '^remote\\..*\\.promisor$'], { cwd });
  if (!/ true$/m.test(stdout)) return;
  throw unfit('the repository is a partial clone', 'fetch what it lacks: git fetch --refetch --no-filter');
}

async function commitOf(cwd: string, base: string): Promise<string> {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`];
  const { code, stdout } = await tryGit(asked, { cwd });
  if (code === 0) return stdout.trim();
  if (base === 'HEAD') throw unfit('the repository has no commit yet', 'commit something: git commit --allow-empty');
  throw new StacksError('OPTIONS_INVALID', '`workspace.base` names no commit of the repository.', {
    facts: { base, repository: cwd },
    hint: "write 'HEAD', 'working-tree', or a branch, tag or commit that `git rev-parse` knows.",
  });
}

async function refuseUnmerged(cwd: string): Promise<void> {
  // `git diff` would write the index anew where a file only looks changed.
  const [unmerged] = fields(await git(['ls-files', '--unmerged', '-z'], { cwd }));
  if (unmerged === undefined) return;
  throw unfit(
    `${unmerged.slice(unmerged.indexOf('\t') + 1)} has conflicts of a merge, which \`base: 'working-tree'\` cannot carry along`,
    "resolve them, or use base: 'HEAD'.",
  );
}

async function refuseSubmodules(cwd: string, start: string): Promise<void> {
  const entries = fields(await git(['ls-tree', '-r', '-z', '--full-tree', start], { cwd }));
  refuseGitlinks(cwd, entries);
}

/** @param entries as `ls-tree` and `ls-files --stage` print them */
export function refuseGitlinks(top: string, entries: readonly string[]): void {
  const links = entries.flatMap((entry) => (entry.startsWith('160000 ') ? [entry.slice(entry.indexOf('\t') + 1)] : []));
  // Of one that is not checked out there is an empty folder, here as there.
  const used = links.find((path) => existsSync(join(top, path, '.git')));
  if (used === undefined) return;
  throw unfit(
    `${used} is a repository of its own (a submodule), which a worktree does not get`,
    'let `workspace.repo` name that repository, or a checkout without it: git submodule deinit, or .gitignore.',
  );
}

function unfit(what: string, hint: string, output?: string): StacksError {
  return new StacksError('WORKSPACE_UNFIT', `${what}.`, { hint, output: output?.trim().split('\n') ?? [] });
}
