// Runs that share the slots of a machine: in this process, and in processes that are killed and stopped.
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../lifetime.ts';
import { poll } from '../wait.ts';
import { lookAtSlots } from './look-at-slots.ts';
import { type MachineSlot, MachineSlots } from './machine-slots.ts';
import { tidy } from './meeting-place.ts';
import type { RunSlots } from './slot-table.ts';
import { type Runner, type StartRunner, slotRunners } from './testing/runners.ts';

let lifetime: Lifetime;
let folder: string;
test.beforeEach(() => {
  lifetime = new Lifetime();
  const base = mkdtempSync(join(tmpdir(), 'stk-slots-'));
  lifetime.defer('remove the folder', () => rmSync(base, { recursive: true }));
  folder = join(base, 'slots');
});
test.afterEach(() => lifetime.close());

async function joined(run: string, slots = 2, meetsIn = folder): Promise<MachineSlots> {
  const machine = new MachineSlots({ run, root: `/${run}`, slots }, meetsIn);
  lifetime.defer(`close ${run}`, () => machine.close());
  machine.join();
  await machine.met;
  return machine;
}

/** Until those that count the slots see `expected`. */
async function untilSeen(expected: readonly (readonly [run: string, held: number, waiting: number])[], at = folder) {
  await expect(async () => {
    const runs = await lookAtSlots(at);
    expect(runs.map(({ run, held, waiting }) => [run, held, waiting]).sort()).toEqual([...expected].sort());
  }).toPass({ timeout: 30_000, intervals: [5, 20, 100] });
}

const isTaken = (slot: MachineSlot) => Promise.race([slot.taken.then(() => true), setImmediate(false)]);

test('a run alone takes without asking; with another one it waits, is told for whom, and goes on when that gives back or ends', async () => {
  const one = await joined('one');
  const held = [one.take(), one.take(), one.take()];
  await Promise.all(held.map(({ taken }) => taken));
  const two = await joined('two');
  const first = two.take();
  await first.taken;
  await untilSeen([
    ['one', 3, 0],
    ['two', 1, 0],
  ]);
  await expect.poll(() => two.isShared).toBe(true);
  const told: (readonly RunSlots[])[] = [];
  const second = two.take({ onWait: (runs) => told.push(runs) });
  const urgent = two.take({ mustNotWait: true });
  expect([await isTaken(second), await isTaken(urgent)]).toEqual([false, true]);
  urgent.giveBack();
  await untilSeen([
    ['one', 3, 0],
    ['two', 1, 1],
  ]);
  expect(told).toEqual([
    [
      { run: 'one', root: '/one', slots: 2, held: 3, waiting: 0 },
      { run: 'two', root: '/two', slots: 2, held: 1, waiting: 1 },
    ],
  ]);
  for (const slot of held) slot.giveBack();
  await second.taken;
  const third = two.take();
  await one.close(); // it counted them
  await third.taken;
  await untilSeen([['two', 3, 0]]);
  for (const slot of [first, second, third]) slot.giveBack();
  await two.close();
  expect(await lookAtSlots(folder)).toEqual([]);
  expect(readdirSync(join(folder, '..')), 'the folder is gone with the last').toEqual([]);
});

test('a folder that is not the user’s own is not followed: the run knows of no other, and is not limited', async () => {
  const elsewhere = join(folder, '../elsewhere');
  mkdirSync(elsewhere, { mode: 0o755 });
  symlinkSync(elsewhere, folder);
  for (const place of [folder, elsewhere]) {
    const machine = new MachineSlots({ run: 'one', root: '/one', slots: 1 }, place);
    machine.join();
    await Promise.all([machine.take(), machine.take()].map(({ taken }) => taken));
    expect(await machine.met).toContain(place === folder ? 'it is not a folder' : 'other users may enter it');
    await machine.close();
  }
  expect(readdirSync(elsewhere)).toEqual([]);
});

test('a run that cannot find the others again is not limited by those that it knew', async () => {
  const [counts, own] = [await joined('counts', 1), await joined('own', 1)];
  await counts.take().taken;
  await own.take().taken;
  await expect.poll(() => own.isShared).toBe(true);
  const waits = own.take();
  expect(await isTaken(waits)).toBe(false);
  writeFileSync(join(folder, 'of another version'), '');
  chmodSync(folder, 0o755);
  await counts.close();
  await waits.taken;
  expect(own.isShared).toBe(false);
});

test.describe('of processes', () => {
  let start: StartRunner;
  test.beforeEach(async () => {
    start = await slotRunners(lifetime);
  });
  const take = async (runner: Runner, count: number) => {
    for (let index = 0; index < count; index++) expect(await runner.take()).toBe(`slot ${index + 1}`);
  };

  test('a run that is killed frees its slots, also the one that counts them', async () => {
    const counts = await start(folder, 'counts', 2);
    await take(counts, 2);
    const holds = await start(folder, 'holds', 2);
    await take(holds, 1);
    const waits = await start(folder, 'waits', 2);
    await take(waits, 1);
    expect(await waits.take()).toBe('waits for counts 2+0, holds 1+0, waits 1+1');
    await counts.kill('SIGKILL');
    await untilSeen([
      ['holds', 1, 0],
      ['waits', 1, 1],
    ]);
    await holds.kill('SIGKILL');
    expect(await waits.taken('2')).toBe('taken');
    expect(await waits.take(), 'it is alone').toBe('slot 3');
    expect(await poll(async () => (await lookAtSlots(folder))[0]?.held, { timeout: 5_000, interval: 20 })).toBe(3);
    await waits.kill('SIGKILL');
    await tidy(folder);
    expect(readdirSync(join(folder, '..')), 'its reaper does that').toEqual([]);
  });

  test('a run that is stopped holds up nobody, whether it counts the slots or has them', {
    tag: '@matrix',
  }, async () => {
    test.setTimeout(120_000);
    const counts = await start(folder, 'counts', 4);
    await take(counts, 2);
    const two = await start(folder, 'two', 4);
    await take(two, 1);
    const three = await start(folder, 'three', 4);
    await take(three, 1);
    expect(await two.take()).toMatch(/^waits for/);
    await three.kill('SIGSTOP');
    // Of the four one is free when what it holds counts no more.
    expect(await two.taken('2')).toBe('taken');
    await three.kill('SIGCONT');
    expect(await three.take()).toMatch(/^waits for/);
    await counts.kill('SIGSTOP');
    const further = two.take(); // It has its share, and nobody answers.
    const four = await start(folder, 'four', 4);
    expect(await four.take(), 'it meets nobody').toBe('slot 1');
    await counts.kill('SIGKILL');
    expect(await further, 'another run counts').toMatch(/^slot|^waits/);
    await two.kill('SIGKILL');
    expect(await three.taken('2')).toBe('taken');
    await three.kill('SIGKILL');
    await four.kill('SIGKILL');
  });
});
