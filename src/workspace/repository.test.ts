// The user's repository: nothing of it changes, worktrees work like its checkout, and what cannot is said first.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { findConflicts, keepCommits } from './commits.ts';
import { newTestBed, type TestBed } from './testing/test-bed.ts';
import { findRepository } from './user-repository.ts';

let bed: TestBed;
test.beforeEach(async () => {
  bed = await newTestBed();
});
test.afterEach(() => bed[Symbol.asyncDispose]());

test('the working tree is carried along with what is not committed, and the user’s repository stays as it was', async () => {
  bed.write({ 'src/app.js': 'stashed' });
  await bed.git(bed.user, 'stash');
  bed.write({ 'src/app.js': 'staged', 'new/untracked.js': 'new', 'dist/ignored.js': 'ignored' });
  await bed.git(bed.user, 'add', 'src');
  bed.write({ 'src/app.js': 'not staged' });
  rmSync(join(bed.user, 'README.md'));
  const before = await bed.snapshot();
  const index = readFileSync(join(bed.user, '.git/index'));
  const run = await bed.run('working-tree');
  const { path, branch } = await bed.worktree(run);
  expect(readFileSync(join(path, 'src/app.js'), 'utf8')).toBe('not staged');
  expect(readFileSync(join(path, 'new/untracked.js'), 'utf8')).toBe('new');
  expect([existsSync(join(path, 'README.md')), existsSync(join(path, 'dist'))]).toEqual([false, false]);
  expect(await bed.git(path, 'status', '--porcelain=v2', '--branch')).toContain(`# branch.head ${branch}`);
  bed.write({ 'src/app.js': 'committed by a test' }, path);
  await bed.git(path, 'commit', '--quiet', '--all', '--message', 'of a test');
  await bed.git(path, 'tag', 'of-a-test');
  await bed.git(path, 'stash', 'list');
  expect(await bed.snapshot()).toEqual(before);
  expect(readFileSync(join(bed.user, '.git/index'))).toEqual(index);
});

test('slots share neither branches nor stashes nor settings, and see the user’s branches and tags but no remote', async () => {
  await bed.git(bed.user, 'tag', 'v1');
  await bed.git(bed.user, 'branch', 'old');
  await bed.git(bed.user, 'remote', 'add', 'origin', '/nowhere');
  const run = await bed.run('old');
  const [one, other] = await Promise.all([bed.worktree(run, 0), bed.worktree(run, 1)]);
  for (const { path, branch } of [one, other]) {
    await bed.git(path, 'switch', '--quiet', '--create', 'feature');
    expect(await bed.git(path, 'branch', '--format=%(refname:short)')).toBe(
      ['feature', 'main', 'old', branch].join('\n'),
    );
    expect(await bed.git(path, 'tag')).toBe('v1');
    expect(await bed.git(path, 'remote')).toBe('');
  }
});

test('hooks, signatures, filters, line ends, excluded paths and sparse checkouts work as in the user’s checkout', async () => {
  const git = (...args: string[]) => bed.git(bed.user, ...args);
  const log = join(bed.folder, 'log');
  const program = (name: string, text: string) => {
    writeFileSync(join(bed.folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return join(bed.folder, name);
  };
  const sign = program(
    'sign',
    `echo signed >>${log}; cat >/dev/null; echo '[GNUPG:] SIG_CREATED ' >&2; echo signature`,
  );
  await git('config', 'filter.shout.clean', 'tr A-Z a-z');
  await git('config', 'filter.shout.smudge', 'tr a-z A-Z');
  await git('config', 'filter.shout.required', 'true');
  await bed.commit({
    '.gitattributes': '*.loud filter=shout\n*.win text eol=crlf\n',
    'a.loud': 'LOUD',
    'a.win': 'line\n',
    'left/out': '',
  });
  await git('config', 'extensions.worktreeConfig', 'true');
  await git('sparse-checkout', 'set', '--no-cone', '/*', '!left/');
  await git('config', '--worktree', 'user.name', 'of the worktree');
  await git('config', 'core.autocrlf', 'false');
  await git('config', 'commit.gpgsign', 'true');
  await git('config', 'gpg.program', sign);
  await git('config', 'init.templateDir', join(bed.folder, 'nowhere'));
  writeFileSync(join(bed.user, '.git/hooks/pre-commit'), `#!/bin/sh\necho hook >>${log}\n`, { mode: 0o755 });
  chmodSync(join(bed.user, '.git/hooks/pre-commit'), 0o755);
  mkdirSync(join(bed.user, '.git/info'), { recursive: true });
  writeFileSync(join(bed.user, '.git/info/exclude'), 'private\n');

  const { path } = await bed.worktree(await bed.run());
  expect(readFileSync(join(path, 'a.loud'), 'utf8')).toBe('LOUD');
  expect(readFileSync(join(path, 'a.win'), 'utf8')).toBe('line\r\n');
  expect(existsSync(join(path, 'left'))).toBe(false);
  expect(existsSync(log)).toBe(false);
  bed.write({ private: '', 'b.loud': 'B' }, path);
  expect(await bed.git(path, 'status', '--porcelain')).toBe('?? b.loud');
  await bed.git(path, 'add', '--all');
  await bed.git(path, 'commit', '--quiet', '--message', 'of a test');
  expect(await bed.git(path, 'cat-file', 'blob', 'HEAD:b.loud')).toBe('b');
  expect(await bed.git(path, 'log', '-1', '--format=%an')).toBe('of the worktree');
  expect(readFileSync(log, 'utf8')).toBe('hook\nsigned\n');
  // A tool that installs hooks does not install them in the user's repository.
  expect(await bed.git(path, 'rev-parse', '--path-format=absolute', '--git-path', 'hooks')).not.toContain(bed.user);
  const workspace = await bed.open(await bed.worktree(await bed.run(), 1));
  const files = ['a.loud', 'a.win'].map((name) => join(workspace.worktree.path, name));
  for (const file of files) writeFileSync(file, 'other');
  await workspace.resetToMark();
  expect(files.map((file) => readFileSync(file, 'utf8'))).toEqual(['LOUD', 'line\r\n']);
});

test('what the caller’s environment says of another repository is not heard', async () => {
  const before = { ...process.env };
  Object.assign(process.env, { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere/index', GIT_WORK_TREE: '/nowhere' });
  try {
    expect((await findRepository(bed.user, 'HEAD')).top).toBe(bed.user);
  } finally {
    process.env = before;
  }
});

test('a repository that is unfit is said to be before anything is made', async () => {
  const git = (...args: string[]) => bed.git(bed.user, ...args);
  const said = async (folder: string, base = 'HEAD') =>
    findRepository(folder, base).then(
      () => 'fit',
      ({ message }: Error) => message.split('\n')[0]?.replaceAll(bed.user, 'SHOP').replaceAll(bed.folder, 'RUN'),
    );
  expect(await said(join(bed.folder, 'none'))).toBe('WORKSPACE_UNFIT: RUN/none does not exist.');
  expect(await said(bed.folder)).toBe('WORKSPACE_UNFIT: RUN is not in a git repository.');
  await bed.git(bed.folder, 'init', '--quiet', '--bare', 'bare.git');
  expect(await said(join(bed.folder, 'bare.git'))).toBe('WORKSPACE_UNFIT: RUN/bare.git is in a bare repository.');
  await bed.git(bed.folder, 'init', '--quiet', 'empty');
  expect(await said(join(bed.folder, 'empty'))).toBe('WORKSPACE_UNFIT: the repository has no commit yet.');
  expect(await said(bed.user, 'no-such-branch')).toBe(
    'OPTIONS_INVALID: `workspace.base` names no commit of the repository.',
  );
  expect(await said(bed.user, '--help')).toBe('OPTIONS_INVALID: `workspace.base` names no commit of the repository.');
  await git('checkout', '--quiet', '--detach');
  expect(await said(join(bed.user, 'src'))).toBe('fit');
  await bed.git(bed.folder, 'clone', '--quiet', '--depth=1', `file://${bed.user}`, 'shallow');
  expect(await said(join(bed.folder, 'shallow'))).toBe('fit');
  await git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', join(bed.folder, 'shallow'), 'sub');
  await git('commit', '--quiet', '--message', 'sub');
  expect(await said(bed.user)).toBe(
    'WORKSPACE_UNFIT: sub is a repository of its own (a submodule), which a worktree does not get.',
  );
  expect(await said(bed.user, 'HEAD~1')).toBe('fit');
  await git('checkout', '--quiet', '-b', 'theirs', 'main');
  rmSync(join(bed.user, 'sub'), { recursive: true });
  await bed.commit({ 'src/app.js': 'theirs' });
  await git('checkout', '--quiet', '-b', 'ours', 'main');
  await bed.commit({ 'src/app.js': 'ours' });
  await expect(git('merge', 'theirs')).rejects.toThrow('CONFLICT');
  expect(await said(bed.user)).toBe('fit');
  expect(await said(bed.user, 'working-tree')).toBe(
    "WORKSPACE_UNFIT: src/app.js has conflicts of a merge, which `base: 'working-tree'` cannot carry along.",
  );
  await git('config', 'remote.origin.promisor', 'true');
  expect(await said(bed.user)).toBe('WORKSPACE_UNFIT: the repository is a partial clone.');
});

test('a repository of another user is said to be before anything is made', async () => {
  test.skip(process.getuid?.() !== 0, 'giving it to another user takes root');
  execFileSync('chown', ['--recursive', '1:1', bed.user]);
  await expect(findRepository(bed.user, 'HEAD')).rejects.toThrow(
    `WORKSPACE_UNFIT: the repository at ${bed.user} belongs to another user, and git does not trust it.`,
  );
});

test('a shallow clone gives worktrees with the history that it has', async () => {
  await bed.commit({ second: '' });
  await bed.git(bed.folder, 'clone', '--quiet', '--depth=1', `file://${bed.user}`, 'shallow');
  const user = join(bed.folder, 'shallow');
  const { makeRunRepository, makeWorktree, planWorktree } = await import('./run-repository.ts');
  const run = await makeRunRepository(await findRepository(user, 'HEAD'), 'HEAD', join(bed.folder, 'repository-9.git'));
  const worktree = planWorktree(run.user, join(bed.folder, 'stk_0123456789_9'), 'stk_0123456789_9');
  await makeWorktree(run, worktree, []);
  expect(await bed.git(worktree.path, 'rev-list', '--count', 'HEAD')).toBe('1');
  await bed.git(
    worktree.path,
    '-c',
    'user.name=a',
    '-c',
    'user.email=b',
    'commit',
    '--quiet',
    '--allow-empty',
    '--message=x',
  );
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  expect(await keepCommits(worktree.path, worktree.branch, kept)).toHaveLength(1);
});

test('what slots commit is kept, and of those that share a file the ones that cannot be merged are conflicts', async () => {
  await bed.commit({ 'list.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n' });
  const run = await bed.run();
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  const slots = await Promise.all([0, 1, 2].map((slot) => bed.worktree(run, slot)));
  const write = async (slot: number, files: Readonly<Record<string, string>>) => {
    const { path, branch } = slots[slot] as (typeof slots)[number];
    bed.write(files, path);
    await bed.git(path, 'add', '--all');
    await bed.git(path, 'commit', '--quiet', '--message', `of slot ${slot}`);
    const refs = await keepCommits(path, branch, kept);
    expect(await keepCommits(path, branch, kept)).toEqual([]);
    return refs;
  };
  expect(await keepCommits(slots[0]?.path ?? '', 'none', kept)).toEqual([]);
  await Promise.all([0, 1, 2].map((slot) => write(slot, { [`own-${slot}`]: 'own' })));
  expect(await findConflicts(kept)).toEqual({ conflicts: [], pairs: 0, compared: 0 });
  // The first and the last line of one file: git merges them.
  await write(0, { 'list.txt': 'ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n' });
  await write(1, { 'list.txt': 'one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n' });
  expect(await findConflicts(kept)).toEqual({ conflicts: [], pairs: 1, compared: 1 });
  await write(2, { 'list.txt': 'uno\ntwo\nthree\nfour\nfive\nsix\nseven\n', 'own-0': 'not mine' });
  const { conflicts } = await findConflicts(kept);
  const slotsOf = conflicts.map(({ files, between }) => [...files, ...between.map(({ branch }) => branch.at(-1))]);
  expect(slotsOf).toEqual([['list.txt', 'own-0', '0', '2']]);
  // The first commit of a slot is in the second.
  const [first] = slots;
  rmSync(first?.bare ?? '', { recursive: true });
  expect(await bed.git(run.bare, 'for-each-ref', '--format=%(refname)', 'refs/stacks')).toBe(
    [0, 0, 1, 1, 2, 2].map((slot, n) => `refs/stacks/stk_0123456789_${slot}/${(n % 2) + 1}`).join('\n'),
  );
  expect((await findConflicts(kept)).conflicts).toHaveLength(1);
});
