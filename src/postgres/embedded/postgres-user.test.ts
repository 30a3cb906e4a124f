// Whom files may be read and run by.
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { allows } from './postgres-user.ts';

test('of ourselves the system says what we may, by all groups that we are in; of another user the permission bits do', async () => {
  test.skip(process.getuid?.() !== 0, 'only root can give files away');
  const folder = mkdtempSync('/tmp/stk-test-');
  try {
    const file = join(folder, 'postgres');
    writeFileSync(file, '');
    chownSync(file, 65534, 12345);
    chmodSync(file, 0o740);
    expect(await allows(file, undefined, 0o5)).toBe(true); // root may all that anybody may
    expect(await allows(file, { uid: 65534, gid: 65534 }, 0o7)).toBe(true);
    expect(await allows(file, { uid: 1, gid: 12345 }, 0o4)).toBe(true);
    expect(await allows(file, { uid: 1, gid: 12345 }, 0o1)).toBe(false);
    expect(await allows(file, { uid: 1, gid: 1 }, 0o4)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
