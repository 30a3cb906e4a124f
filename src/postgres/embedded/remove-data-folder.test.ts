import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Identity, identityOf } from '../../files/identity.ts';
import { newTestBed } from '../../testing/postgres.ts';
import { findBinaries } from './binaries.ts';
import { makePostgresFolder } from './postgres-user.ts';
import { removeDataFolder } from './remove-data-folder.ts';
import { makeRunnable } from './runnable-binaries.ts';
import { spawnWithParent } from './spawn-with-parent.ts';

test('the shared memory of an initdb that was killed goes with its data', async () => {
  test.skip(process.platform !== 'linux', 'only Linux lists the segments');
  const { folder, lifetime } = await newTestBed();
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o755 });
  const { initdb, env } = await makeRunnable(
    await findBinaries(process.cwd()),
    join(folder, 'project'),
    join(home, 'lib'),
  );
  const data = join(home, 'data');
  await makePostgresFolder(data);
  const command = [initdb, '-D', data, '-U', 'postgres', '--no-sync', '--auth=trust', '-c', DSM];
  const { pid = 0, ended } = spawnWithParent(command, { env, last: 'TERM', onOutput: () => {} });
  let segment: string | undefined;
  const killWithSegment = (): string | undefined => {
    segment = segmentNoted(data);
    if (segment !== undefined) process.kill(-pid, 'SIGKILL'); // At once: each of its servers ends soon.
    return segment;
  };
  await expect.poll(killWithSegment, { intervals: [2] }).toMatch(/^\d+$/);
  await ended;
  expect(segments()).toContain(segment);
  await removeDataFolder(home, identityOf(home) as Identity);
  expect(segments()).not.toContain(segment);
  expect(existsSync(home)).toBe(false);
  await lifetime.close();
});

/** Else a killed one leaves a file in /dev/shm, too. */
const DSM = 'dynamic_shared_memory_type=mmap';

/** Of its server, which has no postmaster and says so by a minus. */
function segmentNoted(data: string): string | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0]?.startsWith('-') ? lines[6]?.trim().split(/\s+/)[1] : undefined;
  } catch {
    return undefined; // not yet
  }
}

function segments(): string[] {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  return rows.map((row) => row.trim().split(/\s+/)[1] ?? '');
}
