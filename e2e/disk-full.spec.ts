// No room for the data of the embedded Postgres: one clear error, nothing left. More of it is in the matrix.
import { readdirSync } from 'node:fs';
import { configText, miniDatabase } from './harness/config-text.ts';
import { mountSmallDisk, WITHOUT_SHM } from './harness/small-disk.ts';
import { expect, test } from './harness/test.ts';

test('a disk that is full says where, how full, and what to do', { tag: '@matrix' }, async ({
  project,
  run,
  sandbox,
}) => {
  const { tmp } = sandbox.scope;
  const disk = await mountSmallDisk(tmp, 120);
  test.skip(!disk, 'mounting takes root');
  try {
    const database = miniDatabase.replace('node sql.mjs seed', `node sql.mjs seed && ${disk?.fill}`);
    const mini = await project('mini', { files: { 'playwright.config.ts': configText({ database }) } });
    const { output, exitCode } = await run(mini, [], { through: WITHOUT_SHM });
    expect(output).toMatch(
      /DISK_FULL: no space is left on the disk of the embedded Postgres\.\n {2}folder {2}\S+-pg-\w{6}\n {2}room {4}\d+ of 120 MB are free\n {2}reason {2}.*No space left on device.*\n {2}hint: make room there, set TMPDIR/,
    );
    expect(output.match(/DISK_FULL/g)).toHaveLength(1);
    expect(output).not.toMatch(/Running \d+ test|TEARDOWN_FAILED/);
    expect(exitCode).toBe(1);
    await expect.poll(() => readdirSync(tmp), { timeout: 5_000 }).toEqual(['ballast']);
  } finally {
    await disk?.unmount();
  }
});
