import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { baseClusterName, type ClusterCache, clusterName, openClusterCache } from './cluster-cache.ts';
import { makePostgresFolder } from './postgres-user.ts';

const { signal } = new AbortController();
const size = { clusterBytes: 1, templateBytes: 1 };
let folder: string;
let data: string;
let copy: string;
let cache: ClusterCache;
test.beforeEach(async () => {
  folder = await mkdtemp(join('/tmp', 'stk-test-'));
  await chmod(folder, 0o755);
  cache = await openClusterCache(folder);
  [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  for (const each of [data, copy]) await makePostgresFolder(each);
  await writeFile(join(data, 'PG_VERSION'), '18');
});
test.afterEach(() => rm(folder, { recursive: true }));

const section = () => join(folder, `uid-${process.geteuid?.()}`, 'clusters');

test('what was published is taken', async () => {
  await cache.publish('one', data, size, signal);
  expect(await cache.sizeOf('one')).toEqual(size);
  expect(await cache.take('one', copy, signal)).toBe('taken');
  expect(await readdir(copy)).toEqual(['PG_VERSION']);
});

test('what was not published, or was discarded, is missing', async () => {
  await cache.publish('one', data, size, signal);
  await cache.discard('one');
  expect(await cache.take('one', copy, signal)).toBe('missing');
  expect(await cache.sizeOf('two')).toBeUndefined();
  expect(await readdir(section())).toEqual([]);
});

test('of two that publish one cluster the first counts', async () => {
  const both = [cache.publish('one', data, size, signal), cache.publish('one', data, size, signal)];
  await Promise.all(both);
  expect(await readdir(section())).toEqual(['one']);
});

test('the five clusters used last are kept, and three empty ones', async () => {
  const [oldest = '', ...bases] = ['15', '16', '17', '18'].map(baseClusterName);
  const names = [oldest, ...bases, ...Array.from({ length: 5 }, (_, index) => clusterName('18', String(index)))];
  for (const [index, name] of names.entries()) {
    await cache.publish(name, data, size, signal);
    await utimes(join(section(), name), 1000 + index, 1000 + index);
  }
  const of = (index: number) => clusterName('18', String(index));
  await cache.take(of(0), copy, signal);
  const newest = clusterName('18', 'newest');
  await cache.publish(newest, data, size, signal);
  const kept = [...bases, of(0), of(2), of(3), of(4), newest];
  expect((await readdir(section())).sort()).toEqual(kept.sort());
});

test('what killed runs left is removed when it is old', async () => {
  for (const name of ['.tmp-0123456789ab', '.tmp-ba9876543210', '.tmp-of-somebody']) await mkdir(join(section(), name));
  for (const name of ['.tmp-0123456789ab', '.tmp-of-somebody']) await utimes(join(section(), name), 1000, 1000);
  await cache.publish('one', data, size, signal);
  expect((await readdir(section())).sort()).toEqual(['.tmp-ba9876543210', '.tmp-of-somebody', 'one']);
});

test('a copy that is aborted leaves nothing in the cache', async () => {
  const controller = new AbortController();
  controller.abort(new Error('interrupted'));
  await expect(cache.publish('one', data, size, controller.signal)).rejects.toThrow('interrupted');
  expect(await readdir(section())).toEqual([]);
});
