// Repositories and machines that are not as most are: each works as in the user's checkout, or is an error that says what
// to do. The user's repository is the same before and after.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newTestBed, type TestBed } from './testing/test-bed.ts';
import { findRepository } from './user-repository.ts';

test.describe.configure({ mode: 'default' });
let bed: TestBed;
let environment: NodeJS.ProcessEnv;
test.beforeEach(async () => {
  bed = await newTestBed();
  environment = { ...process.env };
});
test.afterEach(async () => {
  process.env = environment;
  await bed[Symbol.asyncDispose]();
});

test('a git that is too old is said to be, with the version that is needed', { tag: '@matrix' }, async () => {
  const snapshot = await bed.snapshot();
  const programs = join(bed.folder, 'bin');
  mkdirSync(programs);
  writeFileSync(join(programs, 'git'), '#!/bin/sh\necho git version 2.20.1\n', { mode: 0o755 });
  process.env.PATH = `${programs}:${environment.PATH}`;
  await expect(findRepository(bed.user, 'HEAD')).rejects.toThrow(
    'WORKSPACE_UNFIT: git is 2.20.1.\n  hint: `workspace` needs git 2.38 or newer.',
  );
  process.env.PATH = programs;
  rmSync(join(programs, 'git'));
  await expect(findRepository(bed.user, 'HEAD')).rejects.toThrow(
    `WORKSPACE_UNFIT: git could not be started in ${bed.user}.\n  hint: \`workspace\` needs git 2.38 or newer in the PATH`,
  );
  process.env = environment;
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('line ends that the user’s settings change are the same in worktrees, after a reset and with what is not committed', async () => {
  await bed.git(bed.user, 'config', 'core.autocrlf', 'true');
  await bed.commit({ 'windows.txt': 'one\r\ntwo\r\n' });
  bed.write({ 'new.txt': 'new\r\n' });
  const snapshot = await bed.snapshot();
  const worktree = await bed.worktree(await bed.run('working-tree'));
  const text = (name: string) => readFileSync(join(worktree.path, name), 'utf8');
  expect([text('windows.txt'), text('README.md'), text('new.txt')]).toEqual([
    'one\r\ntwo\r\n',
    'a shop\r\n',
    'new\r\n',
  ]);
  expect(await bed.git(worktree.path, 'status', '--porcelain')).toBe('');
  const workspace = await bed.open(worktree);
  bed.write({ 'windows.txt': 'of a test', 'new.txt': 'of a test' }, worktree.path);
  await workspace.resetToMark();
  expect([text('windows.txt'), text('new.txt')]).toEqual(['one\r\ntwo\r\n', 'new\r\n']);
  expect(await bed.git(worktree.path, 'status', '--porcelain')).toBe('');
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('a branch of the user’s with the name of a slot’s stays the user’s, and the slot has its own', {
  tag: '@matrix',
}, async () => {
  const theirs = 'stk_0123456789_0';
  const first = await bed.git(bed.user, 'rev-parse', 'HEAD');
  await bed.git(bed.user, 'branch', theirs);
  const second = await bed.commit({ more: '' });
  const snapshot = await bed.snapshot();
  const { path, branch } = await bed.worktree(await bed.run());
  expect(branch).toBe(theirs);
  expect(await bed.git(path, 'rev-parse', 'HEAD')).toBe(second);
  expect(await bed.git(path, 'symbolic-ref', '--short', 'HEAD')).toBe(theirs);
  expect(await bed.git(bed.user, 'rev-parse', theirs)).toBe(first);
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('a repository of another user that git is told to trust gives worktrees, in which git works as elsewhere', async () => {
  test.skip(process.getuid?.() !== 0, 'giving it to another user takes root');
  execFileSync('chown', ['--recursive', '1:1', bed.user]);
  process.env.GIT_CONFIG_GLOBAL = join(bed.folder, 'global');
  writeFileSync(process.env.GIT_CONFIG_GLOBAL, `[safe]\n\tdirectory = ${bed.user}\n`);
  bed.write({ 'new.txt': 'new' });
  const snapshot = await bed.snapshot();
  const { path } = await bed.worktree(await bed.run('working-tree'));
  expect(readFileSync(join(path, 'new.txt'), 'utf8')).toBe('new');
  await bed.git(path, 'commit', '--quiet', '--allow-empty', '--message', 'of a test');
  expect(await bed.git(path, 'log', '-1', '--format=%s by %an')).toBe('of a test by Ann');
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('while the user’s repository is in a stopped merge or rebase, worktrees start from HEAD and the stop stays', {
  tag: '@matrix',
}, async () => {
  const git = (...args: string[]) => bed.git(bed.user, ...args);
  await git('checkout', '--quiet', '-b', 'theirs');
  await bed.commit({ 'src/app.js': 'theirs' });
  await git('checkout', '--quiet', 'main');
  await bed.commit({ 'src/app.js': 'ours' });
  for (const [slot, command] of (['merge', 'rebase'] as const).entries()) {
    await expect(git(command, 'theirs')).rejects.toThrow('CONFLICT');
    const snapshot = await bed.snapshot();
    const { path } = await bed.worktree(await bed.run(), slot);
    expect(await bed.git(path, 'status', '--porcelain')).toBe('');
    expect(await bed.snapshot()).toEqual(snapshot);
    await git(command, '--abort');
  }
});

test('a template folder and hooks of the user’s settings do nothing while worktrees are made, and are theirs afterwards', {
  tag: '@matrix',
}, async () => {
  const log = join(bed.folder, 'log');
  const template = join(bed.folder, 'template/hooks');
  mkdirSync(template, { recursive: true });
  for (const folder of [template, join(bed.user, '.git/hooks')]) {
    mkdirSync(folder, { recursive: true });
    for (const name of ['post-checkout', 'reference-transaction', 'post-index-change']) {
      writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >>${log}\n`, { mode: 0o755 });
    }
  }
  process.env.GIT_CONFIG_GLOBAL = join(bed.folder, 'global');
  writeFileSync(process.env.GIT_CONFIG_GLOBAL, `[init]\n\ttemplateDir = ${join(bed.folder, 'template')}\n`);
  writeFileSync(log, '');
  const worktree = await bed.worktree(await bed.run('working-tree'));
  const workspace = await bed.open(worktree);
  bed.write({ 'src/app.js': 'of a test' }, worktree.path);
  await workspace.resetToMark();
  expect(readFileSync(log, 'utf8')).toBe('');
  await bed.git(worktree.path, 'checkout', '--quiet', '--detach');
  expect(readFileSync(log, 'utf8')).toContain('post-checkout');
});

test('hooks in a folder of core.hooksPath run: those that are committed are the worktree’s, others the user’s', {
  tag: '@matrix',
}, async () => {
  const hook = (name: string) => `#!/bin/sh\necho ${name} >>"${join(bed.folder, 'log')}"\n`;
  const seen: string[] = [];
  await bed.commit({ '.gitignore': 'ignored/\n' });
  for (const [slot, folder] of ['committed', 'ignored/hooks', '.husky/_'].entries()) {
    bed.write({ [`${folder}/pre-commit`]: hook(folder), '.husky/_/.gitignore': '*\n' });
    chmodSync(join(bed.user, folder, 'pre-commit'), 0o755);
    if (folder === 'committed') await bed.commit({});
    await bed.git(bed.user, 'config', 'core.hooksPath', folder);
    const snapshot = await bed.snapshot();
    const { path } = await bed.worktree(await bed.run(), slot);
    await bed.git(path, 'commit', '--quiet', '--allow-empty', '--message', 'of a test');
    seen.push(readFileSync(join(bed.folder, 'log'), 'utf8'));
    const used = await bed.git(path, 'rev-parse', '--path-format=absolute', '--git-path', 'hooks');
    expect(used).toBe(join(folder === 'committed' ? path : bed.user, folder));
    expect(await bed.snapshot()).toEqual(snapshot);
  }
  expect(seen.at(-1)).toBe('committed\nignored/hooks\n.husky/_\n');
});

test('a checkout that is a submodule of another repository gives worktrees, and the other one stays as it was', {
  tag: '@matrix',
}, async () => {
  const outer = join(bed.folder, 'outer');
  await bed.git(bed.folder, 'init', '--quiet', outer);
  await bed.git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', bed.user, 'shop');
  const user = join(outer, 'shop');
  bed.write({ 'new.txt': 'new' }, user);
  const said = async () =>
    Promise.all([outer, user].map((cwd) => bed.git(cwd, 'status', '--porcelain=v2', '--branch'))).then(String);
  const before = await said();
  const run = await bed.run('working-tree', user);
  const worktree = await bed.worktree(run);
  expect(await bed.git(worktree.path, 'rev-parse', '--show-toplevel')).toBe(worktree.path);
  expect(readFileSync(join(worktree.path, 'new.txt'), 'utf8')).toBe('new');
  const workspace = await bed.open(worktree);
  bed.write({ 'src/app.js': 'of a test' }, worktree.path);
  await bed.git(worktree.path, '-c', 'user.name=a', '-c', 'user.email=b', 'commit', '--quiet', '--all', '--message=b');
  await workspace.resetToMark();
  expect(await bed.git(worktree.path, 'status', '--porcelain')).toBe('');
  expect(readFileSync(join(worktree.path, 'src/app.js'), 'utf8')).toBe('app\n');
  expect(await said()).toBe(before);
});

test('whatever a person does in the checkout meanwhile: gc, prune, fetch, other commits; worktrees are reset and opened', {
  tag: '@matrix',
}, async () => {
  const git = (...args: string[]) => bed.git(bed.user, ...args);
  await git('remote', 'add', 'origin', bed.user);
  bed.write({ 'src/app.js': 'not committed' });
  const run = await bed.run('working-tree');
  const worktree = await bed.worktree(run);
  const workspace = await bed.open(worktree);
  const app = () => readFileSync(join(worktree.path, 'src/app.js'), 'utf8');
  for (const round of ['one', 'two']) {
    await bed.commit({ 'src/app.js': round });
    await git('fetch', '--quiet', '--prune', 'origin');
    await git('reflog', 'expire', '--expire=now', '--all');
    await git('gc', '--quiet', '--prune=now');
    await git('worktree', 'prune');
    for (const name of ['src/app.js', 'README.md', 'src/lib/tax.js']) bed.write({ [name]: 'of a test' }, worktree.path);
    await bed.git(worktree.path, 'commit', '--quiet', '--all', '--message', 'of a test');
    await workspace.resetToMark();
    expect(app()).toBe('not committed');
    expect(await bed.git(worktree.path, 'status', '--porcelain')).toBe('');
  }
  const snapshot = await bed.snapshot();
  const second = await bed.worktree(run, 1);
  expect(await bed.git(second.path, 'fsck', '--no-dangling')).toBe('');
  expect(await bed.snapshot()).toEqual(snapshot);
});
