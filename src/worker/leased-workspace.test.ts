// What `reset` says: after what a worker brings its worktree back.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { WorkerEvent } from '../events.ts';
import type { WorkspaceInfo } from '../lease/run-file.ts';
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

test("reset 'full' brings it back after each test, and looks at all", async () => {
  expect(await contents('full')).toEqual({
    afterTest: 'app',
    afterGroup: 'app',
    ofNextWorker: 'app',
    looks: ['full', 'full'],
  });
});

test("reset 'file' brings it back after a group", async () => {
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
