// What a test has changed: net, as data and as a patch that git applies.
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { fileChanges, filePatch } from './changes.ts';
import { newTestBed, type TestBed } from './testing/test-bed.ts';

let bed: TestBed;
test.beforeEach(async () => {
  bed = await newTestBed();
});
test.afterEach(() => bed[Symbol.asyncDispose]());

test('changes are net: what is as it was is not among them, whatever was done; the patch brings another tree there', async () => {
  const run = await bed.run();
  const [worktree, other] = await Promise.all(
    [0, 1].map((slot) => bed.worktree(run, slot, ({ path }) => bed.write({ 'generated.js': 'made' }, path))),
  );
  if (!worktree || !other) throw new Error('not made');
  const { path } = worktree;
  const workspace = await bed.open(worktree);
  expect(await fileChanges(workspace)).toEqual([]);
  expect(await filePatch(workspace)).toBe('');
  const binary = Buffer.from([0, 255, 1]);
  bed.write(
    { 'src/app.js': 'changed\n', 'deep/new.txt': 'new\n', 'dist/ignored.js': '', 'generated.js': 'again\n' },
    path,
  );
  writeFileSync(join(path, 'binary'), binary);
  symlinkSync('src/app.js', join(path, 'link'));
  unlinkSync(join(path, 'README.md'));
  mkdirSync(join(path, 'empty'));
  writeFileSync(join(path, 'passing'), '');
  unlinkSync(join(path, 'passing'));
  renameSync(join(path, 'src/lib/tax.js'), join(path, 'src/lib/moved.js'));
  renameSync(join(path, 'src/lib/moved.js'), join(path, 'src/lib/tax.js'));
  await bed.git(path, 'add', 'src');
  await bed.git(path, 'commit', '--quiet', '--message', 'of a test');
  expect(await fileChanges(workspace)).toEqual([
    { path: 'README.md', op: 'delete', before: 'a shop\n', after: undefined },
    { path: 'binary', op: 'create', before: undefined, after: binary },
    { path: 'deep/new.txt', op: 'create', before: undefined, after: 'new\n' },
    { path: 'dist/ignored.js', op: 'create', before: undefined, after: '' },
    { path: 'generated.js', op: 'update', before: 'made', after: 'again\n' },
    { path: 'link', op: 'create', before: undefined, after: 'src/app.js' },
    { path: 'src/app.js', op: 'update', before: 'app\n', after: 'changed\n' },
  ]);
  const patch = await filePatch(workspace);
  writeFileSync(join(bed.folder, 'patch'), patch);
  await bed.git(other.path, 'apply', join(bed.folder, 'patch'));
  const second = await bed.open(other);
  expect(await fileChanges(second)).toEqual([]); // opened: what was there is undone
  await bed.git(other.path, 'apply', join(bed.folder, 'patch'));
  expect(await fileChanges(second)).toEqual(await fileChanges(workspace));
  await workspace.resetToMark();
  expect(await fileChanges(workspace)).toEqual([]);
  rmSync(join(path, 'src'), { recursive: true });
  expect((await fileChanges(workspace)).map((each) => `${each.op} ${each.path}`)).toEqual([
    'delete src/app.js',
    'delete src/lib/tax.js',
  ]);
});

test('the patch of a file that was moved applies, whatever the user has set for git diff', async () => {
  const settings = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'diff.noprefix', GIT_CONFIG_VALUE_0: 'true' };
  const before = { ...process.env };
  Object.assign(process.env, { ...settings, GIT_CONFIG_KEY_1: 'diff.renames', GIT_CONFIG_VALUE_1: 'copies' });
  try {
    const run = await bed.run();
    const [worktree, other] = await Promise.all([0, 1].map((slot) => bed.worktree(run, slot)));
    if (!worktree || !other) throw new Error('not made');
    const workspace = await bed.open(worktree);
    mkdirSync(join(worktree.path, 'src/a/before'), { recursive: true });
    renameSync(join(worktree.path, 'src/app.js'), join(worktree.path, 'src/a/before/app.js'));
    writeFileSync(join(bed.folder, 'patch'), await filePatch(workspace));
    await bed.git(other.path, 'apply', join(bed.folder, 'patch'));
    expect(await bed.git(other.path, 'status', '--porcelain', '--untracked-files=all')).toBe(
      ' D src/app.js\n?? src/a/before/app.js',
    );
  } finally {
    process.env = before;
  }
});

test('more than can be listed is an error that says so', async () => {
  const workspace = await bed.open(await bed.worktree(await bed.run()));
  writeFileSync(join(workspace.worktree.path, 'large'), Buffer.alloc(65 * 2 ** 20));
  await expect(fileChanges(workspace)).rejects.toThrow(
    'CHANGES_TOO_MANY: the test has changed 68157440 bytes in one file',
  );
});
