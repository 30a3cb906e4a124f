// A login that is older than the run, and one that the run has saved itself.
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@playwright/test';
import { RUN_FILE, RUN_FILE_VARIABLE, type RunFile, writeRunFile } from '../../lease/run-file.ts';
import { fitStorageState, oldStateHint } from './storage-state.ts';

const origins = ['http://localhost:24000', 'http://localhost:24001'];

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stacks-unit-'));
  const path = join(folder, RUN_FILE);
  writeRunFile({ path, stacks: origins.map((web, slot) => ({ slot, servers: { web } })) } as unknown as RunFile);
  process.env[RUN_FILE_VARIABLE] = path;
});
test.afterEach(() => {
  delete process.env[RUN_FILE_VARIABLE];
  rmSync(folder, { recursive: true });
});

function save(name: string, when?: Date): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ cookies: [], origins: [{ origin: origins[0], localStorage: [] }] }));
  if (when) utimesSync(path, when, when);
  return path;
}

test('a failed test whose storageState is older than the run has a hint that says so, with the file’s name', () => {
  const path = save('user.json', new Date('2026-01-31T10:20:30Z'));
  const hint =
    `its storageState, ${relative(process.cwd(), path)}, was saved before this run (2026-01-31 10:20 UTC): a session ` +
    'that it names is in no database of this run. Let the project that signs in run first (as a dependency, without ' +
    '--no-deps), or make the session in `database.seed`';
  fitStorageState(path);
  expect(JSON.parse(readFileSync(path, 'utf8')).origins).toHaveLength(2);
  expect(oldStateHint()).toBe(hint); // that we have made it fit all slots does not make it younger
});

test('one that the run has saved, an inline one and none are no reason for a hint', () => {
  for (const state of [
    save('new.json', new Date(Date.now() + 1000)),
    { origins: [] },
    undefined,
    join(folder, 'none'),
  ]) {
    fitStorageState(state);
    expect(oldStateHint()).toBeUndefined();
  }
});
