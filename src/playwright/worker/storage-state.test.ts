// A login that is older than the run, one that the run has saved itself, and one of another slot or of the developer's server.
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, test } from '@playwright/test';
import { RUN_FILE, RUN_FILE_VARIABLE, type RunFile, writeRunFile } from '../../lease/run-file.ts';
import { noteStorageState, oldStateHint, withFittingState } from './storage-state.ts';

const origins = ['http://localhost:24000', 'http://localhost:24001'];

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stacks-unit-'));
  const path = join(folder, RUN_FILE);
  writeRunFile({ path, stacks: origins.map((web, slot) => ({ slot, servers: { web } })) } as unknown as RunFile);
  process.env[RUN_FILE_VARIABLE] = path;
});
test.afterEach(() => {
  noteStorageState(undefined);
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
  noteStorageState(path);
  expect(oldStateHint()).toBe(hint);
});

test('one that the run has saved, an inline one and none are no reason for a hint', () => {
  for (const state of [
    save('new.json', new Date(Date.now() + 1000)),
    { origins: [] },
    undefined,
    join(folder, 'none'),
  ]) {
    noteStorageState(state);
    expect(oldStateHint()).toBeUndefined();
  }
});

test('what was saved on one slot, or on the developer’s server, is good for every slot; the file stays as it is', () => {
  const servers = [{ name: 'web', command: 'node app.mjs', url: 'http://localhost:3000/healthz' }];
  const path = save('user.json');
  const text = readFileSync(path, 'utf8');
  const entries = origins.map((origin) => ({ origin, localStorage: [] }));
  noteStorageState(path);
  // The test's own, when a context is asked for without one.
  expect(withFittingState({ locale: 'de' }, servers)).toEqual({
    locale: 'de',
    storageState: { cookies: [], origins: entries },
  });
  expect(withFittingState({ storageState: undefined }, servers)).toEqual({ storageState: undefined });
  noteStorageState(undefined);
  expect(withFittingState({}, servers)).toEqual({});
  expect(withFittingState({ storageState: path }, servers)).toMatchObject({ storageState: { origins: entries } });
  expect(readFileSync(path, 'utf8')).toBe(text);

  const ofDeveloper = { cookies: [], origins: [{ origin: 'http://localhost:3000', localStorage: [] }] };
  expect(withFittingState({ storageState: ofDeveloper }, servers)).toEqual({
    storageState: { cookies: [], origins: [...ofDeveloper.origins, ...entries] },
  });
  for (const other of ['http://localhost:3001', 'https://example.org']) {
    const given = { storageState: { cookies: [], origins: [{ origin: other, localStorage: [] }] } };
    expect(withFittingState(given, servers)).toBe(given);
  }
  for (const storageState of [join(folder, 'none'), { cookies: [] }, { origins: 'none' }]) {
    expect(withFittingState({ storageState }, servers)).toEqual({ storageState });
  }
});
