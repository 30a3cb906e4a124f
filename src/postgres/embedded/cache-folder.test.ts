import { chmod, chown, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
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

test('where somebody else has taken the name in the temporary folder, it is another one that is ours alone', async () => {
  const folder = await withTemporaryFolder();
  await symlink(project, folder);
  const other = await cacheFolder(project, {});
  expect(other).toMatch(new RegExp(`^${folder}-\\w{6}$`));
  expect(await cacheFolder(project, {})).toBe(other);
  await chmod(other, 0o777);
  expect(await cacheFolder(project, {})).not.toBe(other);
  await rm(folder);
  expect(await cacheFolder(project, {})).toBe(folder);
});

test('one that other users may change is not taken', async () => {
  const modules = join(project, 'node_modules');
  const cache = join(modules, '.cache/playwright-stacks');
  await mkdir(cache, { recursive: true });
  // Who may write to node_modules may change the code that runs here.
  await chmod(modules, 0o777);
  expect(await cacheFolder(project, {})).toBe(cache);
  await chmod(join(modules, '.cache'), 0o777);
  expect(await cacheFolder(project, {})).not.toContain(project);
  await expect(cacheFolder(project, { STACKS_CACHE: cache })).rejects.toThrow(
    `POSTGRES_FAILED: the cache folder ${cache} cannot be used.
  reason  other users may change what is in ${modules}
  hint: set STACKS_CACHE to a folder that you, and nobody else, can write; or unset it.`,
  );
  for (const folder of [modules, join(modules, '.cache')]) await chmod(folder, 0o1777);
  expect(await cacheFolder(project, { STACKS_CACHE: cache })).toBe(cache);
});

test('one of another user is not taken', async () => {
  test.skip(process.getuid?.() !== 0, 'giving it to another user takes root');
  const modules = join(project, 'node_modules');
  const cache = join(modules, '.cache/playwright-stacks');
  await mkdir(cache, { recursive: true });
  await chown(cache, 1, 1);
  expect(await cacheFolder(project, {})).not.toContain(project);
  await expect(cacheFolder(project, { STACKS_CACHE: cache })).rejects.toThrow('other users may change what is in');
  // Whose the project is may change the code that runs here.
  await chown(project, 1, 1);
  expect(await cacheFolder(project, {})).toBe(cache);
});

test('a cache that Postgres may not enter is not taken', async () => {
  test.skip(process.getuid?.() !== 0, 'only for root does Postgres run as another user');
  await mkdir(join(project, 'node_modules'));
  await chmod(join(project, 'node_modules'), 0o700);
  expect(await cacheFolder(project, {})).not.toContain('node_modules');
});
