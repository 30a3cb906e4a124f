import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type Identity, identityOf } from './identity.ts';
import { removeFolder } from './remove-folder.ts';

let base: string;
test.beforeEach(() => {
  base = mkdtempSync('/tmp/stk-test-');
});
test.afterEach(() => rmSync(base, { recursive: true }));

/** A folder with files, folders and links in it. */
function fill(name: string): { path: string; identity: Identity } {
  const path = join(base, name);
  mkdirSync(join(path, 'deep/er'), { recursive: true });
  for (const file of ['a', 'deep/b', 'deep/er/c']) writeFileSync(join(path, file), '');
  return { path, identity: identityOf(path) as Identity };
}

test('a folder goes with all that it holds; what its links name stays', async () => {
  const [made, other] = [fill('made'), fill('other')];
  symlinkSync(other.path, join(made.path, 'deep/link'));
  linkSync(join(other.path, 'a'), join(made.path, 'hard'));
  writeFileSync(Buffer.concat([Buffer.from(`${made.path}/`), Buffer.from([0xff, 0xfe])]), 'no UTF-8');
  expect(await removeFolder(made.path, made.identity)).toBe('removed');
  expect(existsSync(made.path)).toBe(false);
  expect(readdirSync(other.path, { recursive: true })).toHaveLength(5);
});

test('a link in its place, another folder, or nothing, is not removed', async () => {
  const [made, other] = [fill('made'), fill('other')];
  renameSync(made.path, join(base, 'moved'));
  expect(await removeFolder(made.path, made.identity)).toBe('gone');
  symlinkSync(other.path, made.path);
  expect(await removeFolder(made.path, made.identity)).toBe('other');
  rmSync(made.path);
  fill('made');
  expect(await removeFolder(made.path, made.identity)).toBe('other');
  for (const name of ['made', 'moved', 'other'])
    expect(readdirSync(join(base, name), { recursive: true })).toHaveLength(5);
});

test('two that remove it at once are both right', async () => {
  const made = fill('made');
  const both = await Promise.all([removeFolder(made.path, made.identity), removeFolder(made.path, made.identity)]);
  expect(both).toContain('removed');
  expect(existsSync(made.path)).toBe(false);
});

test('whoever exchanges a folder for a link while it is removed gets nothing of others removed', async () => {
  const other = fill('other');
  const made = fill('made');
  for (const { path } of [made, other]) {
    for (let n = 0; n < FILES; n += 1) writeFileSync(join(path, `deep/${n}`), '');
  }
  const child = spawn(process.execPath, ['-e', EXCHANGES], { cwd: base, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  expect(await removeFolder(made.path, made.identity)).toBe('removed');
  expect(await exited).toEqual([0, null]);
  expect(readdirSync(other.path, { recursive: true })).toHaveLength(5 + FILES);
});

test('a folder in it that was exchanged for a link before its turn came is not followed', async () => {
  const other = fill('other');
  const made = fill('made');
  for (const name of ['one', 'two']) {
    mkdirSync(join(made.path, name));
    for (let n = 0; n < FILES; n += 1) writeFileSync(join(made.path, name, String(n)), '');
  }
  const child = spawn(process.execPath, ['-e', EXCHANGES_NEXT], { cwd: base, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  expect(await removeFolder(made.path, made.identity)).toBe('removed');
  expect(await exited).toEqual([0, null]);
  expect(existsSync(join(base, 'aside'))).toBe(true); // it was exchanged in time
  expect(readdirSync(other.path, { recursive: true })).toHaveLength(5);
});

const FILES = 1_500;

/** As soon as it sees that the folder is being removed. */
const EXCHANGES = `
  const { existsSync, readdirSync, renameSync, symlinkSync } = require('node:fs');
  const first = 'made/deep/' + readdirSync('made/deep')[0];
  console.log('begins');
  while (existsSync(first)) {}
  renameSync('made/deep', 'aside');
  symlinkSync('../other/deep', 'made/deep');`;

/** The one of two folders whose turn has not come. */
const EXCHANGES_NEXT = `
  const { existsSync, readdirSync, renameSync, symlinkSync } = require('node:fs');
  const [one, two] = ['one', 'two'].map((name) => 'made/' + name + '/' + readdirSync('made/' + name)[0]);
  console.log('begins');
  while (existsSync(one) && existsSync(two)) {}
  const next = existsSync(one) ? 'made/one' : 'made/two';
  renameSync(next, 'aside');
  symlinkSync('../other', next);`;
