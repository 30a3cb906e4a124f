// The only process of its kind, beside others who know its name.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { becomeOnly } from './only-one.ts';

let base: string;
let path: string;
test.beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'stk-only-'));
  path = join(base, 'slots', '1.sock');
  mkdirSync(join(base, 'slots'));
});
test.afterEach(() => rmSync(base, { recursive: true }));

/** Names of Linux's abstract namespace that any user of the machine may connect to. */
function openNames(): string[] {
  if (process.platform !== 'linux') return [];
  const lines = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return lines.map((line) => line.split(' @').at(1) ?? '').filter((name) => name.startsWith(path));
}

test('its name has the length to which some versions of Node fill it up, so that it is the same in all', async () => {
  const stepBack = await becomeOnly(path);
  expect(openNames().filter((name) => name.length !== 107 || name.includes('@@'))).toEqual([]);
  await stepBack?.();
});

test('whoever connects to its name and stays does not hold up its end', async () => {
  const stepBack = await becomeOnly(path);
  const strangers = openNames().map((name) => connect(`\0${name}`));
  await Promise.all(strangers.map((stranger) => once(stranger, 'connect')));
  await stepBack?.();
  for (const stranger of strangers) stranger.destroy();
  const next = await becomeOnly(path);
  expect(next, 'it is over').toBeDefined();
  await next?.();
});

test('the same path on two file systems, as containers with one network have it, is two', async () => {
  const other = `${base}-other`;
  const [one, second] = [await becomeOnly(path), await becomeOnly(path)];
  expect(second).toBeUndefined();
  renameSync(base, other);
  mkdirSync(join(base, 'slots'), { recursive: true });
  const own = await becomeOnly(path);
  rmSync(other, { recursive: true });
  expect(own).toBeDefined();
  await Promise.all([one?.(), own?.()]);
});
