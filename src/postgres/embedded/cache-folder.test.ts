import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { cacheFolder } from './cache-folder.ts';

let project: string;
let temporary: string | undefined;
test.beforeEach(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'stk-test-')));
  await chmod(project, 0o755);
  await mkdir(join(project, 'packages/web'), { recursive: true });
  await writeFile(join(project, 'package.json'), '{}');
  temporary = process.env.TMPDIR;
});
test.afterEach(async () => {
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  await rm(project, { recursive: true });
});

/** Makes the project's own cache impossible, so that the temporary folder is taken. */
async function withTemporaryFolder(): Promise<string> {
  const folder = join(project, 'tmp');
  await mkdir(folder);
  process.env.TMPDIR = folder;
  return join(folder, `playwright-stacks-cache-${process.getuid?.()}`);
}

test('it lies in the node_modules of the nearest package that has one', async () => {
  await mkdir(join(project, 'node_modules'));
  const expected = join(project, 'node_modules/.cache/playwright-stacks');
  expect(await cacheFolder(join(project, 'packages/web'), {})).toBe(expected);
});

test('STACKS_CACHE names another', async () => {
  expect(await cacheFolder(project, { STACKS_CACHE: 'mine' })).toBe(join(project, 'mine'));
});

test('a project without node_modules gets one in the temporary folder', async () => {
  expect(await cacheFolder(project, {})).not.toContain('node_modules');
  const expected = await withTemporaryFolder();
  expect(await cacheFolder(project, {})).toBe(expected);
});

test('one in the temporary folder must be ours alone', async () => {
  const folder = await withTemporaryFolder();
  await symlink(project, folder);
  await expect(cacheFolder(project, {})).rejects.toThrow(
    `POSTGRES_FAILED: the cache folder ${folder} cannot be used.
  reason  it is not a folder that we own and that only we may write
  hint: remove it, or set STACKS_CACHE to a folder of your own.`,
  );
  await rm(folder);
  await mkdir(folder);
  await chmod(folder, 0o777);
  await expect(cacheFolder(project, {})).rejects.toThrow('only we may write');
});

test('a cache that Postgres may not enter is not taken', async () => {
  test.skip(process.getuid?.() !== 0, 'only for root does Postgres run as another user');
  await mkdir(join(project, 'node_modules'));
  await chmod(join(project, 'node_modules'), 0o700);
  expect(await cacheFolder(project, {})).not.toContain('node_modules');
});
