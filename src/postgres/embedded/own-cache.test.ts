import { spawnSync } from 'node:child_process';
import { chmod, chown, lstat, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { openCacheSection } from './own-cache.ts';
import { postgresUser } from './postgres-user.ts';

const uid = process.geteuid?.();
let cache: string;
test.beforeEach(async () => {
  cache = await mkdtemp('/tmp/stk-test-');
  await chmod(cache, 0o1777);
});
test.afterEach(() => rm(cache, { recursive: true }));

const refused = `POSTGRES_FAILED: the cache folder ${join('%', `uid-${uid}`)} cannot be used.
  reason  it is not a folder that we have made and that only we may write`;

test('each user has a part of the cache, made by one of many that want it at once', async () => {
  const shelves = await Promise.all([1, 2, 3, 4].map(() => openCacheSection(cache, 'clusters')));
  expect(new Set(shelves)).toEqual(new Set([join(cache, `uid-${uid}`, 'clusters')]));
  expect(await readdir(cache)).toEqual([`uid-${uid}`]);
});

test('a link, a folder that another made, and one that others may write, are not taken for it', async () => {
  const own = join(cache, `uid-${uid}`);
  const elsewhere = join(cache, 'elsewhere');
  const isRefused = () => expect(openCacheSection(cache, 'clusters')).rejects.toThrow(refused.replace('%', cache));
  await mkdir(join(elsewhere, 'clusters'), { recursive: true });
  await writeFile(join(elsewhere, 'MADE_BY_PLAYWRIGHT_STACKS'), '');
  await symlink(elsewhere, own);
  await isRefused();
  await rm(own);
  // What a person has named so: nothing is put there, nothing removed.
  await mkdir(join(own, 'clusters/.tmp-0123456789ab'), { recursive: true });
  await isRefused();
  await rm(own, { recursive: true });
  await openCacheSection(cache, 'clusters');
  await chmod(own, 0o777);
  await isRefused();
  if (process.getuid?.() !== 0) return;
  await chmod(own, 0o755);
  await chown(own, 1, 1);
  await isRefused();
  expect(await readdir(cache)).toEqual(['elsewhere', `uid-${uid}`].sort());
});

test('as root, what Postgres’s user may enter is only the binaries, and it may write nothing', async () => {
  test.skip(!postgresUser(), 'only for root does Postgres run as another user');
  for (const name of ['clusters', 'kept', 'binaries'] as const) {
    const section = await openCacheSection(cache, name);
    const { uid: owner, mode } = await lstat(section);
    expect({ name, owner, mode: mode & 0o777 }).toEqual({ name, owner: 0, mode: name === 'binaries' ? 0o755 : 0o700 });
    const attempt = spawnSync('sh', ['-c', 'ls "$1" && touch "$1/planted"', 'sh', section], postgresUser());
    expect(attempt.status).not.toBe(0);
    expect(await readdir(section)).toEqual([]);
  }
});
