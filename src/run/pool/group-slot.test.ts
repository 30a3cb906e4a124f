// The slot of the machine of a worker's group, beside a run that has all others: whoever has one waits for nobody who waits for one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { Events, type StampedEvent, type WorkerEvent } from '../../events.ts';
import type { Response, ServerNotification } from '../../lease/protocol.ts';
import { Lifetime } from '../../lifetime.ts';
import { MachineSlots } from '../../machine/machine-slots.ts';
import { GroupSlot } from './group-slot.ts';
import { RunMachine } from './run-machine.ts';
import { takeStack, WorkerGone } from './take-stack.ts';

let lifetime: Lifetime;
let other: MachineSlots;
let machine: RunMachine;
let told: StampedEvent[];

/** One slot, of which another run has taken two before it had company. */
test.beforeEach(async () => {
  lifetime = new Lifetime();
  const base = mkdtempSync(join(tmpdir(), 'stk-slots-'));
  lifetime.defer('remove the folder', () => rmSync(base, { recursive: true }));
  const join1 = async (run: string) => {
    const slots = new MachineSlots({ run, root: `/${run}`, slots: 1 }, join(base, 'slots'));
    lifetime.defer(`close ${run}`, () => slots.close());
    slots.join();
    await slots.met;
    return slots;
  };
  other = await join1('other');
  const events = new Events();
  told = [];
  events.on((event) => told.push(event));
  machine = new RunMachine(await join1('own'), events);
});
test.afterEach(() => lifetime.close());

function worker(slot: number) {
  const sent: (Response | ServerNotification)[] = [];
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const lease = { slot, variant: 'default', worker: slot, project: '', closed, end: close };
  const group = new GroupSlot(machine, { ...lease, send: (message) => sent.push(message) });
  const note = (type: 'lock-asked' | 'lock-taken' | 'lock-refused' | 'lock-released') =>
    group.note({ type, name: 'x', mode: 'read-write', test: undefined } as WorkerEvent);
  return { group, sent, note, close };
}

const isDone = (work: Promise<unknown>) => Promise.race([work.then(() => true), setImmediate(false)]);
const types = () => told.map(({ type, ...event }) => ('slot' in event ? `${type} ${event.slot}` : type));
/** The other run is known, and has two groups at work. */
async function beside() {
  const held = [other.take(), other.take()];
  await expect(async () => expect(await isDone(other.take().taken)).toBe(true)).toPass(); // it knows of nobody
  const first = worker(0);
  await first.group.begin();
  await expect.poll(() => machine.slots.isShared).toBe(true);
  return { held, first };
}

test('a second group waits until the first is over, is told for whom, and shows it as a step', async () => {
  const { first } = await beside();
  const second = worker(1);
  const begun = second.group.begin();
  await expect.poll(types).toEqual(['machine-waits 1']);
  expect(told[0]).toMatchObject({
    ...{ slots: 1, worker: 1, again: false },
    by: [
      { run: 'other', root: '/other', slots: 3 },
      { run: 'own', root: '/own', slots: 1 },
    ],
  });
  expect(await isDone(begun)).toBe(false);
  first.group.end();
  expect(await begun).toBe('later');
  expect(types()).toEqual(['machine-waits 1', 'machine-taken 1']);
  const step = 'wait for a slot of the machine';
  expect(second.sent).toEqual([
    { type: 'step', step, state: 'began' },
    { type: 'step', step, state: 'ended' },
  ]);
  second.group.end();
  expect(await first.group.begin(), 'there is none at work').toBe('at once');
  const third = worker(2);
  const gone = third.group.begin();
  await expect.poll(() => told.at(-1)).toMatchObject({ type: 'machine-waits', slot: 2, again: true });
  third.close();
  expect(await gone).toBe('gone');
});

test('a worker that has ended while its stack opened gets no slot, and its stack is nobody’s failure', async () => {
  const { group, close } = worker(1);
  const stack = {
    take: async () => {
      close();
      await setImmediate();
      return 'used' as const;
    },
    release: async () => {},
    takeAgain: async () => true,
  };
  await expect(takeStack(stack, group)).rejects.toThrow(WorkerGone);
  expect(await group.begin()).toBe('gone');
});

test('a test that waits for a lock lends its slot, and a worker that has a lock does not wait for one', async () => {
  const { first } = await beside();
  const second = worker(1);
  const begun = second.group.begin();
  first.note('lock-asked');
  expect(await begun, 'while the first waits for the lock').toBe('later');
  const third = worker(2);
  const waits = third.group.begin();
  first.note('lock-taken');
  expect(await isDone(waits)).toBe(false);
  second.group.end();
  await expect.poll(() => types().filter((type) => type === 'machine-waits 2')).toHaveLength(1);
  expect(await isDone(waits), 'the first has its slot again').toBe(false);
  first.group.end();
  expect(await waits).toBe('later');
  expect(await first.group.begin(), 'it has the lock').toBe('at once');
  first.group.end();
  first.note('lock-released');
  expect(await isDone(first.group.begin())).toBe(false);
});

test('a stack whose connections others took while its worker waited for a slot is opened again, without the slot', async () => {
  const { first } = await beside();
  const { group } = worker(1);
  const done: string[] = [];
  const isOpen = [false, true];
  const stack = {
    take: async () => {
      done.push('connections');
      return 'used' as const;
    },
    release: async () => void done.push('offered'),
    takeAgain: async () => {
      done.push('again');
      return isOpen.shift() ?? true;
    },
  };
  const taken = takeStack(stack, group);
  await expect.poll(() => done).toEqual(['connections', 'offered']);
  first.group.end();
  expect(await taken).toBe('used');
  expect(done, 'none is held meanwhile').toEqual(['connections', 'offered', 'again', 'connections']);
});
