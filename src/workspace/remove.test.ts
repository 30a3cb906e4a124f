// The worktrees of a run go, and nothing that somebody else has put among them.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { identityOf } from '../files/identity.ts';
import { removeWorkspaces, type WorkspacesFolder } from './remove.ts';
import { newTestBed, type TestBed } from './testing/test-bed.ts';

let bed: TestBed;
let ours: WorkspacesFolder;
test.beforeEach(async () => {
  bed = await newTestBed();
  const identity = identityOf(bed.folder);
  if (!identity) throw new Error('no folder');
  ours = { run: '0123456789', folder: bed.folder, identity, users: [join(bed.user, '.git')] };
  const run = await bed.run();
  for (const slot of [0, 1]) {
    const { path } = await bed.worktree(run, slot);
    bed.write({ 'not/committed': '' }, path);
  }
});
test.afterEach(() => bed[Symbol.asyncDispose]());

test('worktrees and repositories of the run go, also those that a test made in them', async () => {
  await bed.git(join(bed.folder, 'stk_0123456789_0/shop'), 'worktree', 'add', '--quiet', '../of-a-test');
  expect(await removeWorkspaces(ours)).toEqual([]);
  expect(existsSync(bed.folder)).toBe(false);
});

test('a worktree of the user’s that stands beside ours or in one of them stays, with uncommitted work', async () => {
  const beside = join(bed.folder, 'mine');
  const inside = join(bed.folder, 'stk_0123456789_1/inside');
  for (const path of [beside, inside]) {
    await bed.git(bed.user, 'worktree', 'add', '--quiet', path);
    bed.write({ work: 'not committed' }, path);
  }
  const before = await bed.snapshot();
  expect([...(await removeWorkspaces(ours))].sort()).toEqual([beside, join(bed.folder, 'stk_0123456789_1')]);
  for (const path of [beside, inside]) expect(existsSync(join(path, 'work'))).toBe(true);
  expect(existsSync(join(bed.folder, 'stk_0123456789_0'))).toBe(false);
  expect(await bed.snapshot()).toEqual(before);
});

test('another folder of that name is none of ours', async () => {
  rmSync(bed.folder, { recursive: true });
  mkdirSync(join(bed.folder, 'stk_0123456789_0'), { recursive: true });
  ours = { ...ours, identity: { ...ours.identity, inode: '1' } };
  expect(await removeWorkspaces(ours)).toEqual([]);
  expect(existsSync(join(bed.folder, 'stk_0123456789_0'))).toBe(true);
});
