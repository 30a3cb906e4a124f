// What `reset` says: after what a worker brings its worktree back.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { WorkerEvent } from '../events.ts';
import type { WorkspaceInfo } from '../lease/run-file.ts';
import { removeOwn } from '../workspace/remove.ts';
import { newTestBed } from '../workspace/testing/test-bed.ts';
import { LeasedWorkspace } from './leased-workspace.ts';

const after = { test: undefined, scope: 'test' } as const;

/** What `app.js` holds after a test wrote it, after its group, and when another worker has come. */
async function contents(reset: WorkspaceInfo['reset']) {
  await using bed = await newTestBed();
  const run = await bed.run();
  const worktree = await bed.worktree(run);
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  const info: WorkspaceInfo = { ...worktree, reset, run: kept };
  const events: WorkerEvent[] = [];
  const snapshot = await bed.snapshot();
  const file = join(worktree.path, 'src/app.js');
  const now = () => readFileSync(file, 'utf8').trim();

  const first = await LeasedWorkspace.open(info, (event) => events.push(event));
  await first.moveBaseline();
  writeFileSync(file, 'of a test');
  await first.resetToMark(after);
  const afterTest = now();
  writeFileSync(file, 'of another');
  await first.resetToMark(after);
  await first.resetToBaseline({ ...after, scope: 'group' });
  const afterGroup = now();
  writeFileSync(file, 'of the last');
  first.close();
  const second = await LeasedWorkspace.open(info, () => {});
  const ofNextWorker = now();
  second.close();
  expect(await bed.snapshot()).toEqual(snapshot);
  const looks = events.flatMap((event) => (event.type === 'worktree-reset' ? [event.look] : []));
  return { afterTest, afterGroup, ofNextWorker, looks };
}

test("reset 'test' brings it back after each test, by the paths that moved", async () => {
  expect(await contents('test')).toEqual({
    afterTest: 'app',
    afterGroup: 'app',
    ofNextWorker: 'app',
    looks: ['known', 'known'],
  });
});

test("reset 'full' brings it back after each test, and looks at all", { tag: '@matrix' }, async () => {
  expect(await contents('full')).toEqual({
    afterTest: 'app',
    afterGroup: 'app',
    ofNextWorker: 'app',
    looks: ['full', 'full'],
  });
});

test("reset 'file' brings it back after a group", { tag: '@matrix' }, async () => {
  expect(await contents('file')).toEqual({
    ...{ afterTest: 'of a test', afterGroup: 'app', ofNextWorker: 'app' },
    looks: ['known'],
  });
});

test("reset 'never' brings nothing back, for the next worker neither", async () => {
  expect(await contents('never')).toEqual({
    ...{ afterTest: 'of a test', afterGroup: 'of another', ofNextWorker: 'of the last' },
    looks: [],
  });
});

test('what hooks and worker fixtures wrote is taken along to a fresh worktree, with their commits, branches, settings and index', async () => {
  await using bed = await newTestBed();
  const run = await bed.run();
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  const snapshot = await bed.snapshot();
  const openFirst = async () => {
    const worktree = await bed.worktree(run);
    const info: WorkspaceInfo = { ...worktree, reset: 'test', run: kept };
    return { worktree, info, leased: await LeasedWorkspace.open(info, () => {}) };
  };
  const { worktree, info, leased: broken } = await openFirst();
  const at = (name: string) => join(worktree.path, name);
  writeFileSync(at('fixture.sh'), 'of a fixture', { mode: 0o755 });
  rmSync(at('README.md'));
  await broken.moveBaseline();
  mkdirSync(at('made'));
  writeFileSync(at('made/by-hook'), 'of a hook');
  writeFileSync(at('src/app.js'), 'of a hook');
  await broken.moveMark();
  writeFileSync(at('src/app.js'), 'of a test');
  const written = await broken.takeWritten();
  broken.close();
  await removeOwn(worktree.folder);

  await bed.worktree(run);
  const fresh = await LeasedWorkspace.open(info, () => {});
  await fresh.putWritten(written);
  const seen = () => [
    ...['fixture.sh', 'made/by-hook', 'src/app.js'].map(
      (name) => existsSync(at(name)) && readFileSync(at(name), 'utf8').trim(),
    ),
    existsSync(at('README.md')),
  ];
  const asMarked = ['of a fixture', 'of a hook', 'of a hook', false];
  expect(seen()).toEqual(asMarked);
  expect(statSync(at('fixture.sh')).mode & 0o777).toBe(0o755);
  writeFileSync(at('src/app.js'), 'of the next test');
  rmSync(at('made'), { recursive: true });
  await fresh.resetToMark(after);
  expect(seen()).toEqual(asMarked);
  await fresh.resetToBaseline({ ...after, scope: 'group' });
  expect(seen()).toEqual(['of a fixture', false, 'app', false]);

  const git = (...args: string[]) => bed.git(worktree.path, ...args);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'of a fixture');
  await fresh.moveBaseline();
  writeFileSync(at('staged'), 'of a hook');
  await git('config', 'user.name', 'Hook');
  await git('switch', '--quiet', '--create', 'of-a-hook');
  await git('gc', '--quiet');
  await git('add', '--all');
  await fresh.moveMark();
  await git('commit', '--quiet', '--message', 'of a test');
  rmSync(worktree.path, { recursive: true });
  const all = await fresh.takeWritten();
  fresh.close();
  await removeOwn(worktree.folder);

  await bed.worktree(run);
  const third = await LeasedWorkspace.open(info, () => {});
  await third.putWritten(all);
  const asked = async () => [
    await git('log', '--format=%s by %an', '--max-count=2'),
    await git('status', '--porcelain', '--branch'),
    await git('config', 'user.name'),
    await git('show', ':staged'),
  ];
  const asHooksLeftIt = ['of a fixture by Ann\na commit by Ann', '## of-a-hook\nA  staged', 'Hook', 'of a hook'];
  expect(await asked()).toEqual(asHooksLeftIt);
  await git('commit', '--quiet', '--message', 'of the next test');
  await third.resetToMark(after);
  expect(await asked()).toEqual(asHooksLeftIt);
  await third.resetToBaseline({ ...after, scope: 'group' });
  expect(await git('status', '--porcelain', '--branch')).toBe(`## ${worktree.branch}`);
  expect(await git('fsck', '--no-dangling')).toBe('');
  third.close();
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('of a fresh worktree what hooks committed cannot be had where a test has damaged it, which is told', async () => {
  await using bed = await newTestBed();
  const run = await bed.run();
  const worktree = await bed.worktree(run);
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  const leased = await LeasedWorkspace.open({ ...worktree, reset: 'test', run: kept }, () => {});
  writeFileSync(join(worktree.path, 'hook'), 'of a hook');
  await bed.git(worktree.path, 'add', 'hook');
  await leased.moveMark();
  const oid = await bed.git(worktree.path, 'rev-parse', ':hook');
  const object = join(worktree.bare, 'objects', oid.slice(0, 2), oid.slice(2));
  chmodSync(object, 0o600);
  writeFileSync(object, 'damaged');
  await expect(leased.takeWritten()).rejects.toThrow('is damaged or gone');
  leased.close();
});
