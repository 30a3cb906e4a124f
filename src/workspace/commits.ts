// What tests commit, kept as refs of the run's repository, and which of it cannot be merged.
import { StacksError } from '../errors.ts';
import { copyObjects } from './copy-objects.ts';
import { fields, git, tryGit } from './git.ts';

/** `refs/stacks/<branch of the slot>/<n>`. */
const KEPT = 'refs/stacks';

/** The run's repository. */
export interface KeptCommits {
  readonly bare: string;
  readonly base: string;
  /** The user's objects, whose commits are nobody's. */
  readonly objects: string;
}

/** The newest commit that a test left. */
export interface KeptCommit {
  readonly ref: string;
  /** The branch of its slot. */
  readonly branch: string;
  readonly commit: string;
}

/** Two slots' commits that cannot be merged. */
export interface Conflict {
  readonly files: readonly string[];
  readonly between: readonly [KeptCommit, KeptCommit];
}

/** What slots have committed to the same files. */
export interface Overlaps {
  readonly conflicts: readonly Conflict[];
  /** Pairs of commits that share a path, and those of them that were looked at. */
  readonly pairs: number;
  readonly compared: number;
}

/** Pairs above which no more are merged. */
const MOST_PAIRS = 1_000;

/** Takes what is new in the slot's repository into the run's. Returns the refs that were made. */
export async function keepCommits(
  checkout: string,
  branch: string,
  { bare, base, objects }: KeptCommits,
): Promise<readonly string[]> {
  const heads = await git(['for-each-ref', '--format=%(objectname)', 'refs/heads'], { cwd: checkout });
  const head = await tryGit(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { cwd: checkout });
  const tips = [...new Set(`${heads}${head.stdout}`.split('\n').filter((tip) => tip !== '' && tip !== base))];
  const known = await commitsIn(objects, bare, tips);
  const taken = (await keptCommits({ bare })).filter((each) => each.branch === branch);
  const fresh = tips.filter((tip) => !known.has(tip) && !taken.some(({ commit }) => commit === tip));
  const made: string[] = [];
  if (fresh.length === 0) return made;
  await copyObjects({ cwd: checkout, of: 'revisions', list: [...fresh, `^${base}`] }, bare);
  let number = Math.max(0, ...taken.map(({ ref }) => Number(ref.split('/').at(-1))));
  for (const tip of fresh) {
    number += 1;
    const ref = `${KEPT}/${branch}/${number}`;
    await git(['--git-dir', bare, 'update-ref', ref, tip], { cwd: bare });
    made.push(ref);
  }
  return made;
}

/** In the order in which they were kept, by slot. */
export async function keptCommits({ bare }: Pick<KeptCommits, 'bare'>): Promise<KeptCommit[]> {
  const args = ['--git-dir', bare, 'for-each-ref', '--sort=version:refname', '--format=%(objectname) %(refname)', KEPT];
  return (await git(args, { cwd: bare })).split('\n').flatMap((line): KeptCommit[] => {
    const [commit = '', ref = ''] = line.split(' ');
    return ref === '' ? [] : [{ ref, commit, branch: ref.split('/')[2] ?? '' }];
  });
}

/** Merges every pair of commits of two slots that share a path: overlap alone is no conflict. */
export async function findConflicts(kept: KeptCommits): Promise<Overlaps> {
  const commits = await newest(await keptCommits(kept), kept);
  const paths = await Promise.all(commits.map(({ commit }) => changedPaths(commit, kept)));
  const pairs = commits.flatMap((one, first) =>
    commits.slice(first + 1).flatMap((other, offset) => {
      const shared = [...(paths[first] ?? [])].some((path) => paths[first + 1 + offset]?.has(path));
      return one.branch !== other.branch && shared ? [[one, other] as const] : [];
    }),
  );
  const conflicts: Conflict[] = [];
  for (const between of pairs.slice(0, MOST_PAIRS)) {
    const files = await conflictingFiles(between, kept);
    if (files.length > 0) conflicts.push({ files, between });
  }
  return { conflicts, pairs: pairs.length, compared: Math.min(pairs.length, MOST_PAIRS) };
}

/** A commit that another one of its slot is on top of says nothing more. */
async function newest(commits: readonly KeptCommit[], { bare }: KeptCommits): Promise<KeptCommit[]> {
  const tips = new Set<string>();
  for (const branch of new Set(commits.map((each) => each.branch))) {
    const own = commits.filter((each) => each.branch === branch).map(({ commit }) => commit);
    const { stdout } = await tryGit(['--git-dir', bare, 'merge-base', '--independent', ...own], { cwd: bare });
    for (const tip of stdout.split('\n')) tips.add(tip);
  }
  return commits.filter(({ commit }) => tips.has(commit));
}

async function changedPaths(commit: string, { bare, base }: KeptCommits): Promise<Set<string>> {
  const args = ['--git-dir', bare, 'diff', '--name-only', '--no-renames', '-z', `${base}...${commit}`];
  return new Set(fields((await tryGit(args, { cwd: bare })).stdout));
}

async function conflictingFiles([one, other]: Conflict['between'], { bare }: KeptCommits): Promise<string[]> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', one.commit, other.commit];
  const { code, stdout, stderr } = await tryGit(['--git-dir', bare, ...args], { cwd: bare });
  if (code === 0) return [];
  if (code === 1) return fields(stdout).slice(1).filter(Boolean);
  throw new StacksError('WORKSPACE_FAILED', 'git could not compare what two slots have committed.', {
    facts: { commits: `${one.ref}, ${other.ref}` },
    output: stderr.trim().split('\n'),
  });
}

/** Those of `commits` that an object store has. */
async function commitsIn(objects: string, bare: string, commits: readonly string[]): Promise<Set<string>> {
  const input = commits.map((commit) => `${commit}\n`).join('');
  const args = ['--git-dir', bare, 'cat-file', '--batch-check=%(objectname) %(objecttype)'];
  const stdout = await git(args, { cwd: bare, input, env: { GIT_OBJECT_DIRECTORY: objects } });
  return new Set(stdout.split('\n').flatMap((line) => (line.endsWith(' commit') ? [line.split(' ')[0] ?? ''] : [])));
}
