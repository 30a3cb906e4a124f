// The worktrees of a run's stacks: what is linked, what `setup` gets, and that nothing is left of those that fail.
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { mountSmallDisk } from '../../../e2e/harness/small-disk.ts';
import { JournalWriter } from '../../cleanup/journal.ts';
import { makeRunFolder } from '../../cleanup/run-folder.ts';
import type { WorkspaceOptions } from '../../config/options.ts';
import { parseOptions } from '../../config/parse.ts';
import { resolveOptions } from '../../config/resolve.ts';
import type { WorkspaceContext } from '../../config/resolved.ts';
import { messageOf } from '../../errors.ts';
import { Events } from '../../events.ts';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { newTestBed, type TestBed } from '../../workspace/testing/test-bed.ts';
import { orDiskFull } from '../disk-full.ts';
import { findWorkspaces } from './find-workspaces.ts';
import { RunWorkspaces } from './run-workspaces.ts';

test.describe.configure({ mode: 'default' });
let bed: TestBed;
let lifetime: Lifetime;
const before = process.env.TMPDIR;
test.beforeEach(async () => {
  bed = await newTestBed();
  lifetime = new Lifetime();
  process.env.TMPDIR = bed.folder;
});
test.afterEach(async () => {
  await lifetime.close();
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  await bed[Symbol.asyncDispose]();
});

function resolve(workspace: WorkspaceOptions) {
  const parsed = parseOptions({ workspace }, undefined, [{ path: 'use.stack', name: 'default' }]);
  return resolveOptions(parsed, join(bed.user, 'playwright.config.ts'));
}

const find = (workspace: WorkspaceOptions) => findWorkspaces(resolve(workspace));

/** The run's worktrees, those of `slots` open. */
async function open(workspace: WorkspaceOptions, slots = 1) {
  const run = newRunKey();
  const { path: folder } = makeRunFolder(run);
  const journal = new JournalWriter(folder, { run, root: bed.user });
  lifetime.defer('close the journal', () => journal.close());
  const { signal } = new AbortController();
  const found = await find(workspace);
  const made = await RunWorkspaces.make(found, { run, folder, journal, lifetime, events: new Events(), signal });
  if (!made) throw new Error('no workspaces');
  const infos = Array.from({ length: slots }, (_, slot) => made.plan(slot, 'default')).filter(
    (each) => each !== undefined,
  );
  await Promise.all(infos.map((info, slot) => made.open(info, slot, 'default', bed.user, lifetime)));
  return { made, infos };
}

const worktreesLeft = () => readdirSync(bed.folder).filter((name) => name.includes('-ws-'));

test('a link that is not there, leads out of the checkout, or is committed is an error before anything is made', async () => {
  const link = ['none', '../elsewhere', '/tmp', 'src', '.'];
  expect(messageOf(await find({ link }).catch((error) => error)).split('\n')).toEqual([
    'OPTIONS_INVALID: 5 mistakes in the options of withStacks().',
    `  \`workspace.link[0]\` does not exist: ${bed.user}/none`,
    `  \`workspace.link[1]\` must be inside the checkout, ${bed.user}`,
    `  \`workspace.link[2]\` must be inside the checkout, ${bed.user}`,
    '  `workspace.link[3]` is committed: every worktree has its own',
    `  \`workspace.link[4]\` must be inside the checkout, ${bed.user}`,
  ]);
  expect(readdirSync(bed.folder)).toEqual([]);
});

test('what is linked is shared and is not shown by git, in a folder that is not committed too; a link to a link is one', async () => {
  bed.write({ 'node_modules/a/index.js': 'a', 'dist/deep/b': 'b' });
  symlinkSync('node_modules', join(bed.user, 'modules'));
  const snapshot = await bed.snapshot();
  const { infos } = await open({ link: ['node_modules', 'dist/deep', 'modules'] });
  const path = infos[0]?.path ?? '';
  expect(readlinkSync(join(path, 'node_modules'))).toBe(join(bed.user, 'node_modules'));
  expect(readFileSync(join(path, 'dist/deep/b'), 'utf8')).toBe('b');
  expect(readFileSync(join(path, 'modules/a/index.js'), 'utf8')).toBe('a');
  expect(lstatSync(join(path, 'dist')).isDirectory()).toBe(true);
  expect(await bed.git(path, 'status', '--porcelain', '--untracked-files=all')).toBe('');
  await lifetime.close();
  expect(readFileSync(join(bed.user, 'dist/deep/b'), 'utf8')).toBe('b');
  expect(worktreesLeft()).toEqual([]);
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('a setup that is a function gets the worktree, its slot and its branch, once for each', async () => {
  const got: WorkspaceContext[] = [];
  const { infos } = await open({ setup: (context) => void got.push(context) }, 2);
  expect(got.sort((a, b) => a.slot - b.slot)).toEqual(
    infos.map(({ path, branch: key }, slot) => ({ path, slot, key })),
  );
});

test('a setup that is a command runs in the worktree; one that fails is named, and leaves nothing', async () => {
  const { infos } = await open({ setup: 'echo "$STACK_SLOT $STACK_KEY" >made' });
  expect(readFileSync(join(infos[0]?.path ?? '', 'made'), 'utf8')).toBe(`0 ${infos[0]?.branch}\n`);
  const snapshot = await bed.snapshot();
  await expect(open({ setup: 'echo generating; exit 3' })).rejects.toThrow(
    /COMMAND_FAILED: `workspace.setup` .*3.*\n[\s\S]*generating/,
  );
  const failing = open({ setup: () => Promise.reject(new Error('no schema')) });
  await expect(failing).rejects.toThrow(/COMMAND_FAILED: `workspace.setup` .*\n?.*no schema/);
  await lifetime.close();
  expect(worktreesLeft()).toEqual([]);
  expect(await bed.snapshot()).toEqual(snapshot);
});

test('a disk that is full is said to be, with its folder; nothing is left, and the user’s repository is as it was', async () => {
  await bed.commit({ large: 'x'.repeat(3 * 2 ** 20) });
  const disk = await mountSmallDisk(bed.folder, 2);
  test.skip(!disk, 'mounting takes root');
  try {
    const snapshot = await bed.snapshot();
    const error = await open({}).catch((failure) => failure);
    const { message } = orDiskFull(error, { config: resolve({}), run: 'none' }) as Error;
    expect(message).toContain(
      `DISK_FULL: no space is left on the disk of the run’s own files.\n  folder  ${bed.folder}\n`,
    );
    await lifetime.close();
    expect(worktreesLeft()).toEqual([]);
    expect(await bed.snapshot()).toEqual(snapshot);
  } finally {
    await lifetime.close();
    await disk?.unmount();
  }
});

test('worktrees of slots open at once, and one that fails takes none of the others with it', async () => {
  const { infos } = await open({}, 4);
  expect(infos.map(({ path }) => existsSync(join(path, 'src/app.js')))).toEqual([true, true, true, true]);
  const failing = open({ setup: ({ slot }) => (slot === 1 ? Promise.reject(new Error('only here')) : undefined) }, 3);
  await expect(failing).rejects.toThrow('only here');
});

test('where somebody has removed the folder of all worktrees, the next one and the end of the run say so', async () => {
  const snapshot = await bed.snapshot();
  const { made, infos } = await open({});
  const [info] = infos;
  if (!info) throw new Error('no worktree');
  rmSync(dirname(info.folder), { recursive: true });
  const said = /WORKSPACE_FAILED: .*\/repository-1\.git was removed during the run\.\n {2}hint: .*TMPDIR/;
  await expect(made.open(info, 0, 'default', bed.user, new Lifetime())).rejects.toThrow(said);
  const ofRun = lifetime;
  lifetime = new Lifetime();
  await expect(ofRun.close()).rejects.toThrow(said);
  expect(await bed.snapshot()).toEqual(snapshot);
});
