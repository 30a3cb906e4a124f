// A worktree is brought back to what it was, whatever a test does to it.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { Worktree } from './run-repository.ts';
import { deeds, oddDeeds } from './testing/deeds.ts';
import { listing } from './testing/listing.ts';
import { newTestBed, type TestBed } from './testing/test-bed.ts';
import type { WatchedWorkspace } from './watched-workspace.ts';

test.describe('in one worktree', () => {
  let shared: TestBed;
  let worktree: Worktree;
  let workspace: WatchedWorkspace;
  let before: string[];
  test.beforeAll(async () => {
    shared = await newTestBed();
    worktree = await shared.worktree(await shared.run(), 0, ({ path }) => {
      shared.write({ 'generated/types.d.ts': 'types', 'generated/client.js': 'client', 'dist.log': 'log' }, path);
      mkdirSync(join(path, 'generated/empty'));
      symlinkSync('src', join(path, 'linked'));
    });
    workspace = await shared.open(worktree);
    before = listing(worktree);
  });
  test.afterAll(() => shared[Symbol.asyncDispose]());

  for (const [title, deed] of Object.entries({ ...deeds, ...oddDeeds })) {
    test(`the worktree is what it was after ${title}`, async () => {
      const git = (...args: string[]) => shared.git(worktree.path, ...args);
      await deed(worktree.path, git);
      expect(listing(worktree)).not.toEqual(before);
      // What was written to a file by another name is found by looking at all.
      expect((await workspace.resetToMark()).look).toBe(title.includes('two names') ? 'full' : 'known');
      expect(listing(worktree)).toEqual(before);
      // What it wrote itself is not looked at as a test's.
      expect(await workspace.resetToMark()).toEqual({ paths: 0, look: 'known', repository: false });
      // The same by a worker that knows nothing of what has moved.
      await deed(worktree.path, git);
      (await shared.open(worktree)).close();
      expect(listing(worktree)).toEqual(before);
      await workspace.resetToMark();
    });
  }
});

let bed: TestBed;
test.describe(() => {
  test.beforeEach(async () => {
    bed = await newTestBed();
  });
  test.afterEach(() => bed[Symbol.asyncDispose]());

  test('a link in a folder’s place is not followed: what it leads to stays', async () => {
    const worktree = await bed.worktree(await bed.run());
    const workspace = await bed.open(worktree);
    bed.write({ 'lib/tax.js': 'theirs', 'app.js': 'theirs', 'other.js': 'theirs' }, join(bed.folder, 'theirs'));
    writeFileSync(join(worktree.path, 'src/other.js'), '');
    rmSync(join(worktree.path, 'src'), { recursive: true });
    symlinkSync(join(bed.folder, 'theirs'), join(worktree.path, 'src'));
    await workspace.resetToMark();
    expect(lstatSync(join(worktree.path, 'src')).isDirectory()).toBe(true);
    expect(readFileSync(join(worktree.path, 'src/lib/tax.js'), 'utf8')).toBe('tax\n');
    for (const name of ['lib/tax.js', 'app.js', 'other.js']) {
      expect(readFileSync(join(bed.folder, 'theirs', name), 'utf8')).toBe('theirs');
    }
  });

  test('what hooks wrote stays for the tests of their group, what a worker fixture wrote for all groups', async () => {
    const worktree = await bed.worktree(await bed.run());
    const workspace = await bed.open(worktree);
    const file = (name: string) => join(worktree.path, name);
    writeFileSync(file('of-fixture'), 'fixture');
    await workspace.moveBaseline();
    writeFileSync(file('of-hook'), 'hook');
    writeFileSync(file('src/app.js'), 'hook');
    unlinkSync(file('README.md'));
    await workspace.moveMark();
    for (const name of ['of-fixture', 'of-hook', 'src/app.js', 'README.md']) writeFileSync(file(name), 'test');
    await workspace.resetToMark();
    const texts = () =>
      ['of-fixture', 'of-hook', 'src/app.js', 'README.md'].map(
        (name) => existsSync(file(name)) && readFileSync(file(name), 'utf8'),
      );
    expect(texts()).toEqual(['fixture', 'hook', 'hook', false]);
    await workspace.resetToBaseline();
    expect(texts()).toEqual(['fixture', false, 'app\n', 'a shop\n']);
    await bed.open(worktree);
    expect(texts()).toEqual([false, false, 'app\n', 'a shop\n']);
  });

  test('where more happens than the watch can hold, all is looked at', async () => {
    const worktree = await bed.worktree(await bed.run());
    const workspace = await bed.open(worktree);
    const before = listing(worktree);
    for (let n = 0; n < 10_000; n += 1) writeFileSync(join(worktree.path, `src/${n % 100}`), String(n));
    writeFileSync(join(worktree.path, 'src/app.js'), 'after the queue was full');
    expect((await workspace.resetToMark()).look).toBe('full');
    expect(listing(worktree)).toEqual(before);
    writeFileSync(join(worktree.path, 'src/app.js'), 'known again');
    expect(await workspace.resetToMark()).toEqual({ paths: 1, look: 'known', repository: false });
    expect(listing(worktree)).toEqual(before);
  });

  test('a file whose name is not UTF-8 cannot be brought back, which is an error; one that is gone again is none', async () => {
    const worktree = await bed.worktree(await bed.run());
    const workspace = await bed.open(worktree);
    const odd = Buffer.concat([Buffer.from(join(worktree.path, 'src/')), Buffer.from([0xe9, 0x2e, 0x74])]);
    writeFileSync(odd, '');
    unlinkSync(odd);
    await workspace.resetToMark();
    writeFileSync(odd, '');
    await expect(workspace.resetToMark()).rejects.toThrow('is not UTF-8');
    await expect(bed.open(worktree)).rejects.toThrow('is not UTF-8');
  });

  test('a worktree that is gone, or has another in its place, is an error and not a reset', async () => {
    for (const gone of ['path', 'bare'] as const) {
      const worktree = await bed.worktree(await bed.run(), gone === 'path' ? 0 : 1);
      const workspace = await bed.open(worktree);
      rmSync(worktree[gone], { recursive: true });
      mkdirSync(worktree[gone]);
      await expect(workspace.resetToMark()).rejects.toThrow('was removed or exchanged');
    }
  });
});
