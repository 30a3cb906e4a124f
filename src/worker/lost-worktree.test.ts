// A worktree that is removed or exchanged, by whom and whenever: the stack is made anew, with what hooks wrote, and the user's
// repository is as it was.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { TestRef } from '../events.ts';
import type { WorkspaceInfo } from '../lease/run-file.ts';
import { removeOwn } from '../workspace/remove.ts';
import { newTestBed, type TestBed } from '../workspace/testing/test-bed.ts';
import type { Step } from './between-tests.ts';
import { SCHEMA } from './testing/play.ts';
import { TestPool, type Worker } from './testing/pool.ts';

test.describe.configure({ mode: 'default' });
let pool: TestPool;
let bed: TestBed;
let info: WorkspaceInfo;
let snapshot: Readonly<Record<string, string>>;
test.beforeAll(async () => {
  pool = await TestPool.start('18', SCHEMA, 'postgres');
});
test.afterAll(() => pool.close());
test.beforeEach(async () => {
  bed = await newTestBed();
  const run = await bed.run();
  const kept = { bare: run.bare, base: run.base, objects: run.user.objects };
  pool.makeWorktree = async () => {
    if (info) await removeOwn(info.folder);
    info = { ...(await bed.worktree(run)), reset: 'test', run: kept };
    return info;
  };
  pool.reported.length = 0;
  await pool.openAgain();
  snapshot = await bed.snapshot();
});
test.afterEach(() => bed[Symbol.asyncDispose]());

const refTo = (id: string): TestRef => ({ id, title: id, titlePath: [id], file: 'a.spec.ts', project: '', retry: 0 });
const step = (id: string, kind: Step['kind'] = 'test'): Step => {
  return { kind, test: refTo(id), isolation: 'test', group: 1, serial: undefined };
};
const at = (name: string) => join(info.path, name);

async function runStep({ between }: Worker, planned: Step, body: () => unknown): Promise<void> {
  await between.begin(planned);
  await body();
  await between.end(planned, 'passed');
}

/** The reasons for which the stack was made anew. */
const fresh = () => pool.reported.flatMap((event) => (event.type === 'rewind-impossible' ? [event.reason] : []));

/** A hook commits, a test runs. */
async function begin(): Promise<Worker> {
  const worker = await pool.lease('a');
  const commits = async () => {
    writeFileSync(at('of-a-hook'), 'hook');
    await bed.git(info.path, 'add', '--all');
    await bed.git(info.path, 'commit', '--quiet', '--message', 'of a hook');
    await pool.app.query('INSERT INTO bag VALUES (1, 1)');
  };
  await runStep(worker, step('1', 'hook'), commits);
  await runStep(worker, step('1'), () => writeFileSync(at('src/app.js'), 'of a test'));
  expect(fresh()).toEqual([]);
  return worker;
}

async function seen(): Promise<unknown> {
  const { rows } = await pool.app.query('SELECT * FROM bag');
  const said = [
    await bed.git(info.path, 'log', '-1', '--format=%s'),
    await bed.git(info.path, 'status', '--porcelain'),
  ];
  return { rows, said, app: readFileSync(at('src/app.js'), 'utf8') };
}
const AS_THE_HOOK_LEFT_IT = { rows: [{ id: 1, times: 1 }], said: ['of a hook', ''], app: 'app\n' };

const remove = () => rmSync(info.path, { recursive: true });
const exchange = () => {
  remove();
  mkdirSync(info.path);
};

test('a worktree that a test has removed is there for the next one, as the hook left it', async () => {
  const worker = await begin();
  await runStep(worker, step('2'), remove);
  await runStep(worker, step('3'), async () => expect(await seen()).toEqual(AS_THE_HOOK_LEFT_IT));
  expect(fresh()).toEqual(['worktree']);
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('a worktree that is exchanged from outside between two tests is there for the next one, as the hook left it', {
  tag: '@matrix',
}, async () => {
  const worker = await begin();
  exchange();
  await runStep(worker, step('2'), async () => expect(await seen()).toEqual(AS_THE_HOOK_LEFT_IT));
  expect(fresh()).toEqual(['worktree']);
  expect(await bed.snapshot()).toEqual(snapshot);
});

for (const [what, lose] of Object.entries({ removed: remove, exchanged: exchange })) {
  const tag = what === 'removed' ? [] : '@matrix';
  test(`a worktree that is ${what} while no worker has it is there for the next worker`, { tag }, async () => {
    await begin();
    lose();
    pool.last = refTo('1');
    const next = await pool.lease('a');
    const clean = { rows: [], said: ['a commit', ''], app: 'app\n' };
    await runStep(next, step('2'), async () => expect(await seen()).toEqual(clean));
    expect(fresh()).toEqual(['worktree']);
    expect(await bed.snapshot()).toEqual(snapshot);
  });
}

test('where the slot’s whole folder was removed by a test what the hook committed is lost, which is an error of that test', {
  tag: '@matrix',
}, async () => {
  const worker = await begin();
  const lost = runStep(worker, step('2'), () => rmSync(info.folder, { recursive: true }));
  await expect(lost).rejects.toMatchObject({ code: 'REWIND_IMPOSSIBLE' });
  const next = await pool.lease('a');
  const clean = { rows: [], said: ['a commit', ''], app: 'app\n' };
  await runStep(next, step('3'), async () => expect(await seen()).toEqual(clean));
  expect(await bed.snapshot()).toEqual(snapshot);
});
