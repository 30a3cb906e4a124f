// Nothing of ours is written into the user's git folder, and all that is not committed is carried along.
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { keepCommits } from './commits.ts';
import { below, contentOf } from './testing/listing.ts';
import { newTestBed, type TestBed } from './testing/test-bed.ts';

let bed: TestBed;
test.afterEach(() => bed[Symbol.asyncDispose]());

function gitFolder(): string[] {
  return below(join(bed.user, '.git'), () => false).map((path) => `${path} ${contentOf(path)}`);
}

test('no file of the user’s git folder changes: neither an index that could be newer, nor what a filter stores', async () => {
  bed = await newTestBed();
  // As git-lfs does.
  const clean = join(bed.folder, 'clean');
  const script = `#!/bin/sh
    storage=$(git config lfs.storage) || storage=$(git rev-parse --git-common-dir)/lfs
    mkdir -p "$storage" && tee "$storage/object"`;
  writeFileSync(clean, script, { mode: 0o755 });
  await bed.git(bed.user, 'config', 'filter.large.clean', clean);
  await bed.commit({ '.gitattributes': '*.bin filter=large\n' });
  bed.write({ 'a.bin': 'large' });
  // Newer than any index: git looks at it again whenever it can.
  const later = Date.now() / 1000 + 3600;
  utimesSync(join(bed.user, 'a.bin'), later, later);
  utimesSync(join(bed.user, 'README.md'), 1, 1);
  const before = gitFolder();
  const { path } = await bed.worktree(await bed.run('working-tree'));
  expect(readFileSync(join(path, 'a.bin'), 'utf8')).toBe('large');
  expect(gitFolder()).toEqual(before);
});

test('what was written in the second in which git last looked is carried along', async () => {
  bed = await newTestBed();
  const [file, index] = [join(bed.user, 'src/app.js'), join(bed.user, '.git/index')];
  await bed.git(bed.user, 'config', 'core.trustctime', 'false');
  const write = (text: string) => {
    writeFileSync(file, text);
    utimesSync(file, 1_700_000_000, 1_700_000_000);
  };
  write('one');
  await bed.git(bed.user, 'add', 'src');
  write('two');
  utimesSync(index, 1_700_000_000, 1_700_000_000);
  const { path } = await bed.worktree(await bed.run('working-tree'));
  expect(readFileSync(join(path, 'src/app.js'), 'utf8')).toBe('two');
});

test('a checkout whose path has spaces, quotes, colons and brackets gives worktrees, from a linked worktree of it, too', async () => {
  bed = await newTestBed('my "shop": [a] \\b');
  const linked = join(bed.folder, 'linked: "1"');
  await bed.git(bed.user, 'worktree', 'add', '--quiet', '--detach', linked);
  for (const [slot, user] of [bed.user, linked].entries()) {
    bed.write({ 'new "file"\n': 'new' }, user);
    const run = await bed.run('working-tree', user);
    const { path, branch } = await bed.worktree(run, slot, (made) => mkdirSync(join(made.path, 'app')));
    expect(readFileSync(join(path, 'new "file"\n'), 'utf8')).toBe('new');
    await bed.git(path, 'commit', '--quiet', '--allow-empty', '--message', 'of a test');
    const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
    expect(await keepCommits(path, branch, kept)).toEqual([`refs/stacks/${branch}/1`]);
  }
});

test('what is linked is not shown by git, whatever its name', async () => {
  bed = await newTestBed();
  const links = ['[id]', 'a*b', 'two words ', 'back\\slash'];
  const { path } = await bed.worktree(await bed.run(), 0, () => {}, links);
  bed.write(Object.fromEntries(links.map((name) => [name, ''])), path);
  expect(await bed.git(path, 'status', '--porcelain')).toBe('');
});
